/** The part of a logger that this package uses. A pino logger fits as it is. */
export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

const ignore = (): void => undefined;

/** Says nothing. The default wherever a `Log` may be left out. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
