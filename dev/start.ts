/** `npm start`: the whole hub on one machine, with demo orders flowing; Ctrl-C stops all of it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { inviteDemoPeople, type DemoPerson } from './demo-people.ts';
import { startDemoTraffic } from './demo-traffic.ts';
import { makeTrouble, mendingCall } from './demo-trouble.ts';
import { useStack, type StackInUse } from './use-stack.ts';

const usage = `npm start [-- options]

  --port N        of the hub's API; default 8080, 0 takes a free one
  --console-port N  of the operators' console; default 8081, 0 takes a free one
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
      'console-port': { type: 'string', default: '8081' },
      'in-process': { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return say(usage);
  const port = portOf('--port', values.port);
  const consolePort = portOf('--console-port', values['console-port']);

  await buildPage();
  say('Starting Postgres, the broker, the sandbox and the hub ...');
  const interrupted = interruption();
  const stack = await useStack({
    port,
    consolePort,
    broker: values['in-process'] ? 'in-process' : 'best',
    mustStart: true,
    say,
  });
  try {
    if (!interrupted.isPending()) return;
    const isFirst = !values.quiet && (await makeTrouble(stack.urls, tokenIn(stack.dataFolder), say));
    const people = await inviteDemoPeople(stack.urls, stack.urls.console ?? '');
    say(welcome(stack, people));
    if (isFirst) say(mending(stack));
    say(`${values.quiet ? '' : 'Demo orders follow. '}Ctrl-C stops everything and keeps the data.\n`);
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

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new TypeError(`${option} ${text} is no port`);
  return port;
}

/** In a process of its own, for what builds it is large and is needed once. */
async function buildPage(): Promise<void> {
  const program = join(import.meta.dirname, '../dlq-console/page/build.ts');
  const { stderr } = await promisify(execFile)(process.execPath, [program]);
  process.stderr.write(stderr);
}

function tokenIn(dataFolder: string): string {
  return readFileSync(join(dataFolder, 'sandbox-token'), 'utf8').trim();
}

function welcome({ urls, brokerInWords, dataFolder }: StackInUse, people: readonly DemoPerson[]): string {
  const logins = people.map(({ name, roles, link }) => `  ${`${name} (${roles})`.padEnd(16)}${link}`);
  return `
  Console         ${urls.console ?? ''}   (two people to try it as; each link works once)
${logins.join('\n')}
  Hub API         ${urls.hub}   (/openapi.json, /readyz)
  Sandbox books   ${urls.sandbox}/books
  Postgres        ${urls.database}
  Broker          ${brokerInWords}
  Data            ${dataFolder}
  Logs            .points-hub/hub.log, .points-hub/console.log, .points-hub/sandbox.log

Try an order of your own:

  curl -s ${urls.hub}/v1/orders -H 'authorization: Bearer ${urls.apiKey}' -H 'content-type: application/json' \\
    -d '{"orderId":"my-first","userId":"ada","deductions":[{"channel":"airmiles","points":"12.50"},{"channel":"fuelcard","points":"3.00"}]}'
  curl -s ${urls.hub}/v1/orders/my-first -H 'authorization: Bearer ${urls.apiKey}' -H 'prefer: wait=10'
`;
}

/** Of the trouble that lasts until somebody ends it. */
function mending({ urls, dataFolder }: StackInUse): string {
  const { address, headers } = mendingCall(urls, tokenIn(dataFolder));
  return `The channel hotelnights refuses the hub's credentials until somebody mends that:

  curl -X DELETE ${address} -H 'authorization: ${headers.authorization}'
`;
}
