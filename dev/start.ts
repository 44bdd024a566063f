/** `npm start`: the whole hub on one machine, with demo orders flowing; Ctrl-C stops all of it. */
import { parseArgs } from 'node:util';
import { startDemoTraffic } from './demo-traffic.ts';
import { useStack, type StackInUse } from './use-stack.ts';

const usage = `npm start [-- options]

  --port N        of the hub's API; default 8080, 0 takes a free one
  --in-process    do without RabbitMQ
  --quiet         no demo orders

The data are kept; where they are is printed. Delete that folder to begin anew.`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8080' },
      'in-process': { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return say(usage);
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535)
    throw new TypeError(`--port ${values.port} is no port`);

  say('Starting Postgres, the broker, the sandbox and the hub ...');
  const interrupted = interruption();
  const stack = await useStack({
    port,
    broker: values['in-process'] ? 'in-process' : 'best',
    mustStart: true,
    say,
  });
  try {
    if (!interrupted.isPending()) return;
    say(welcome(stack));
    const traffic = values.quiet ? undefined : startDemoTraffic(stack.urls, say);
    await interrupted.promise;
    say('\nStopping ...');
    await traffic?.stop();
  } finally {
    await stack.leave();
    say(`Stopped. The data are kept in ${stack.dataFolder}; delete that folder to begin anew.`);
  }
}

/** Ctrl-C, or the polite signal of a supervisor. The first one stops in order; nothing is lost by a second one. */
function interruption(): { readonly promise: Promise<void>; isPending(): boolean } {
  let isPending = true;
  const promise = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        isPending = false;
        resolve();
      });
    }
  });
  return { promise, isPending: () => isPending };
}

function welcome({ urls, brokerInWords, dataFolder }: StackInUse): string {
  return `
  Hub API         ${urls.hub}   (/openapi.json, /readyz)
  Sandbox books   ${urls.sandbox}/books
  Postgres        ${urls.database}
  Broker          ${brokerInWords}
  Data            ${dataFolder}
  Logs            .points-hub/hub.log, .points-hub/sandbox.log

Try an order of your own:

  curl -s ${urls.hub}/v1/orders -H 'authorization: Bearer ${urls.apiKey}' -H 'content-type: application/json' \\
    -d '{"orderId":"my-first","userId":"ada","deductions":[{"channel":"airmiles","points":"12.50"},{"channel":"fuelcard","points":"3.00"}]}'
  curl -s ${urls.hub}/v1/orders/my-first -H 'authorization: Bearer ${urls.apiKey}' -H 'prefer: wait=10'

Demo orders follow. Ctrl-C stops everything and keeps the data.
`;
}
