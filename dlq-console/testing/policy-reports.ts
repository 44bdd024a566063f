/** What a browser reports about the policy of the page, by the mechanism that a real console would be watched with. */
import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface WatchedConsole {
  /** The console as it is, but for its policy, which names a place for reports besides. */
  readonly url: string;
  /** Each as the browser sent it. */
  readonly reports: readonly string[];
  close(): Promise<void>;
}

const reportPath = '/reports-of-policy';

/** A line of its own: a browser whose requests a test intercepts sends no reports. */
export async function watchPolicy(consoleUrl: string): Promise<WatchedConsole> {
  const reports: string[] = [];
  const { hostname, port } = new URL(consoleUrl);
  const server = createServer((request, response) => {
    const { method, url: path, headers } = request;
    if (path === reportPath) {
      void text(request).then((report) => {
        reports.push(report);
        response.writeHead(204).end();
      });
      return;
    }
    const forwarded = send({ hostname, port, method, path, headers }, (answer) => {
      const policy = answer.headers['content-security-policy'];
      if (typeof policy === 'string')
        answer.headers['content-security-policy'] = `${policy}; report-uri ${reportPath}`;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.once('error', () => response.destroy());
    request.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reports,
    close: async () => {
      server.closeAllConnections();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
