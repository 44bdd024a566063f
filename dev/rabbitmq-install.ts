import { canInstall, installPackage } from './apt-get.ts';
import { findRabbitMq, type RabbitMqProgram } from './rabbitmq-program.ts';

/** What to tell a person whose machine has no RabbitMQ. */
const RABBITMQ_ADVICE =
  'Set AMQP_URL to a RabbitMQ of yours (3.10 or newer), or install one: `sudo apt-get install rabbitmq-server` on ' +
  'Debian and Ubuntu, `brew install rabbitmq` on macOS. An installed one is started privately; it need not be running.';

/**
 * The RabbitMQ of this machine; as root on Debian or Ubuntu it is installed with apt-get first if it is missing.
 *
 * @throws Error saying what to install, where it cannot be installed by itself.
 */
export function ensureRabbitMqInstalled(): RabbitMqProgram {
  const installed = findRabbitMq();
  if (installed !== undefined) return installed;
  if (!canInstall()) throw new Error(`RabbitMQ is needed and not installed. ${RABBITMQ_ADVICE}`);
  installPackage('rabbitmq-server', RABBITMQ_ADVICE);
  const program = findRabbitMq();
  if (program === undefined)
    throw new Error('apt-get installed rabbitmq-server, but its programs are not where expected');
  return program;
}
