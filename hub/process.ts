/** One process of the hub from its command line to its exit code. */
import { DescriptionError, EnvironmentError } from '@points-hub/adapters';
import { HubError } from './errors.ts';
import { startHub } from './run.ts';
import type { Faces } from './operations/face.ts';
import { readSettings, usage, type Settings } from './settings.ts';
import { openLog } from './telemetry/log.ts';

/** After a signal to stop; calls in hand end within their deadlines. */
const stopWithinMs = 25_000;

/** Runs what the command line says until a signal stops it. `faces` are what this program can show besides the API. */
export async function runProcess(faces: Faces): Promise<void> {
  try {
    const settings = readSettings(process.argv.slice(2), process.env);
    if (settings === 'help') process.stdout.write(`${usage}\n`);
    else await run(settings, faces);
  } catch (error) {
    fail(error);
  }
}

async function run(settings: Settings, faces: Faces): Promise<void> {
  const log = openLog(settings.logLevel, [...settings.roles]);
  process.once('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'a defect: this process ends; what it held is taken up again by another');
    process.exit(1);
  });
  const hub = await startHub(settings, process.env, log, faces);
  if (!hub.isRunning) {
    await hub.stop();
    return;
  }
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error('did not stop in time; what is in hand is taken up again at the next start');
      process.exit(1);
    }, stopWithinMs).unref();
    hub.stop().then(() => log.info('stopped'), fail);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function fail(error: unknown): void {
  const isForPeople =
    error instanceof HubError || error instanceof DescriptionError || error instanceof EnvironmentError;
  const text = isForPeople
    ? `${error.code}: ${error.message}`
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = error instanceof HubError ? error.exitCode : isForPeople ? 2 : 1;
}
