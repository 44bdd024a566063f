import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

/**
 * The process's log on standard output: one JSON object per line, or words in colour on a terminal. Lines about an
 * order carry `order`, lines about a message `message`, so that either can be followed through every process.
 *
 * @param level from `LOG_LEVEL`; info by default
 */
export function openLog(level: string, roles: readonly string[]): Logger {
  const options = { level, base: { roles: roles.join(',') } };
  if (!process.stdout.isTTY) return pino(options);
  const stream = pretty({
    colorize: process.env['NO_COLOR'] === undefined,
    ignore: 'pid,hostname,roles',
    translateTime: 'SYS:HH:MM:ss.l',
    sync: true,
  });
  return pino(options, stream);
}
