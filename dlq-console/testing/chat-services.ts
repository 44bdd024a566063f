/**
 * The services that take messages, as their documents describe them: each checks what it is sent as the real one does,
 * and answers in its own words. The documents are named in hub/operations/notification/webhooks.ts.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

type Json = Readonly<Record<string, unknown>>;

export interface TakenMessage {
  readonly service: string;
  /** All that people see of it. */
  readonly text: string;
  readonly body: unknown;
}

export interface ChatServices {
  readonly url: string;
  readonly smtpUrl: string;
  readonly taken: readonly TakenMessage[];
  /** Requests of any kind, taken or not. */
  readonly asked: readonly string[];
  /** Done with the next request instead of what the service would do. */
  instead(deed: (response: ServerResponse) => Promise<void> | void): void;
  close(): Promise<void>;
}

export const secrets = {
  feishu: 'feishu-secret-1',
  dingtalk: 'SECdingtalk-secret-1',
  mail: 'mail-password-1',
} as const;
export const tokens = {
  feishu: 'feishu-hook-token',
  dingtalk: 'dingtalk-access-token',
  wecom: 'wecom-key-token',
  slack: 'T0/B0/slack-hook-token',
} as const;

export async function chatServices(): Promise<ChatServices> {
  const taken: TakenMessage[] = [];
  const asked: string[] = [];
  const deeds: ((response: ServerResponse) => Promise<void> | void)[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const raw = await text(request);
      const url = new URL(request.url ?? '/', 'http://localhost');
      asked.push(url.pathname);
      const deed = deeds.shift();
      if (deed !== undefined) {
        await deed(response);
        return;
      }
      const answer = answerTo(url, JSON.parse(raw) as Json, request.headers['content-type'] ?? '');
      if (answer.shown !== undefined) {
        taken.push({ service: answer.service, text: answer.shown, body: JSON.parse(raw) });
      }
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.said);
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const smtp = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'hub' && password === secrets.mail) done(undefined, { user: 'hub' });
      else done(new Error(`535 no such login with ${password}`));
    },
    onData: (stream, { envelope }, done) => {
      const take = async (): Promise<void> => {
        const raw = await text(stream);
        const to = envelope.rcptTo.map((one) => one.address);
        taken.push({ service: 'email', text: decoded(raw), body: { raw, to } });
        done();
      };
      void take();
    },
  });
  // What a client does wrong is its own business.
  smtp.on('error', () => undefined);
  const listening = smtp.listen(0, '127.0.0.1');
  await once(listening, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    smtpUrl: `smtp://hub:${secrets.mail}@127.0.0.1:${(listening.address() as AddressInfo).port}`,
    taken,
    asked,
    instead: (deed) => void deeds.push(deed),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
    },
  };
}

/** The environment that names all of them. */
export function environmentOf({ url, smtpUrl }: Pick<ChatServices, 'url' | 'smtpUrl'>): NodeJS.ProcessEnv {
  return {
    HUB_NOTIFY_HOSTS: url,
    HUB_NOTIFY_FEISHU_URL: `${url}/open-apis/bot/v2/hook/${tokens.feishu}`,
    HUB_NOTIFY_FEISHU_KIND: 'feishu',
    HUB_NOTIFY_FEISHU_SECRET: secrets.feishu,
    HUB_NOTIFY_DING_URL: `${url}/robot/send?access_token=${tokens.dingtalk}`,
    HUB_NOTIFY_DING_KIND: 'dingtalk',
    HUB_NOTIFY_DING_SECRET: secrets.dingtalk,
    HUB_NOTIFY_WECOM_URL: `${url}/cgi-bin/webhook/send?key=${tokens.wecom}`,
    HUB_NOTIFY_WECOM_KIND: 'wecom',
    HUB_NOTIFY_SLACK_URL: `${url}/services/${tokens.slack}`,
    HUB_NOTIFY_SLACK_KIND: 'slack',
    HUB_NOTIFY_MAIL_URL: 'mailto:oncall@example.com,lead@example.com',
    HUB_SMTP_URL: smtpUrl,
    HUB_SMTP_FROM: 'hub@example.com',
  };
}

interface Said {
  readonly service: string;
  readonly status: number;
  readonly said: string;
  /** Undefined: it was not taken. */
  readonly shown?: string;
}

function answerTo(url: URL, body: Json, mediaType: string): Said {
  const isJson = mediaType.startsWith('application/json');
  const isFor = (path: string): boolean => url.pathname === path;
  if (isFor(`/open-apis/bot/v2/hook/${tokens.feishu}`)) {
    return isJson
      ? feishu(body)
      : { service: 'feishu', status: 400, said: '{"code":9499,"msg":"Bad Request"}' };
  }
  if (isFor('/robot/send')) return dingtalk(url, body);
  if (isFor('/cgi-bin/webhook/send')) return wecom(url, body);
  if (isFor(`/services/${tokens.slack}`)) return slack(body);
  return { service: 'none', status: 404, said: 'no_service' };
}

function feishu(body: Json): Said {
  const { timestamp, sign, msg_type: type, content } = body;
  const refuse = (code: number, msg: string): Said => {
    return { service: 'feishu', status: 200, said: JSON.stringify({ code, msg, data: {} }) };
  };
  const isNow = Math.abs(Date.now() / 1_000 - Number(timestamp)) < 3_600;
  const expected = createHmac('sha256', `${String(timestamp)}\n${secrets.feishu}`).digest('base64');
  if (!/^\d{10}$/.test(String(timestamp)) || !isNow || sign !== expected)
    return refuse(19_021, 'sign match fail or timestamp is not within one hour from current time');
  const posts = Object.entries((content as { post?: Record<string, Json> } | undefined)?.post ?? {});
  const [language, post] = posts[0] ?? [];
  if (type !== 'post' || post === undefined || !['zh_cn', 'en_us'].includes(language ?? ''))
    return refuse(9_499, 'Bad Request');
  const lines = post['content'] as readonly (readonly Json[])[];
  const shown = lines.map((line) =>
    line
      .map(({ tag, text: said, href }) => (tag === 'a' ? `${String(said)} ${String(href)}` : String(said)))
      .join(' '),
  );
  return {
    service: 'feishu',
    status: 200,
    said: '{"code":0,"msg":"success","data":{}}',
    shown: [post['title'], ...shown].join('\n'),
  };
}

function dingtalk(url: URL, body: Json): Said {
  const { access_token: token, timestamp = '', sign } = Object.fromEntries(url.searchParams);
  const refuse = (errcode: number, errmsg: string): Said => {
    return { service: 'dingtalk', status: 200, said: JSON.stringify({ errcode, errmsg }) };
  };
  if (token !== tokens.dingtalk) return refuse(300_005, 'token is not exist');
  const isNow = Math.abs(Date.now() - Number(timestamp)) < 3_600_000;
  const expected = createHmac('sha256', secrets.dingtalk)
    .update(`${timestamp}\n${secrets.dingtalk}`)
    .digest('base64');
  if (!/^\d{13}$/.test(timestamp) || !isNow || sign !== expected)
    return refuse(310_000, 'sign not match, more: [https://ding-doc.dingtalk.com/doc]');
  const markdown = body['markdown'] as { title?: string; text?: string } | undefined;
  if (body['msgtype'] !== 'markdown' || markdown?.title === undefined || markdown.text === undefined)
    return refuse(400_105, 'unsupported msgtype');
  return { service: 'dingtalk', status: 200, said: '{"errcode":0,"errmsg":"ok"}', shown: markdown.text };
}

function wecom(url: URL, body: Json): Said {
  const markdown = body['markdown'] as { content?: string } | undefined;
  const refuse = (errcode: number, errmsg: string): Said => {
    return { service: 'wecom', status: 200, said: JSON.stringify({ errcode, errmsg }) };
  };
  if (url.searchParams.get('key') !== tokens.wecom) return refuse(93_000, 'invalid webhook url');
  if (body['msgtype'] !== 'markdown' || markdown?.content === undefined)
    return refuse(40_008, 'invalid message type');
  if (Buffer.byteLength(markdown.content) > 4_096)
    return refuse(40_058, 'markdown.content exceed max length 4096');
  return { service: 'wecom', status: 200, said: '{"errcode":0,"errmsg":"ok"}', shown: markdown.content };
}

function slack(body: Json): Said {
  if (typeof body['text'] !== 'string') return { service: 'slack', status: 400, said: 'invalid_payload' };
  return { service: 'slack', status: 200, said: 'ok', shown: body['text'] };
}

/** Quoted-printable and encoded words, as much of them as a message of ours has. */
function decoded(raw: string): string {
  const bytes = raw
    .replaceAll(/\?=\r?\n =\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?B\?([^?]+)\?=/gi, (_, word: string) =>
      Buffer.from(word, 'base64').toString('utf8'),
    )
    .replaceAll(/=\r?\n/g, '');
  return decodeURIComponent(bytes.replaceAll('%', '%25').replaceAll(/=([0-9A-F]{2})/g, '%$1'));
}
