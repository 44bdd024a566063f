import type { Express } from 'express';
import type { Logger } from 'pino';
import type { AuditTrail } from './audit.ts';
import type { Desk } from './desk.ts';
import type { People } from './people/index.ts';

export interface ConsoleOptions extends Desk {
  readonly people: People;
  readonly trail: AuditTrail;
  /** Where browsers find it, without a slash at the end; undefined: where it listens. */
  readonly consoleUrl: string | undefined;
  /** Express's `trust proxy`: whose X-Forwarded-For says where somebody comes from. */
  readonly trustProxy: string | false;
  readonly log: Logger;
}

/** Something that is served over HTTP. */
export interface Face {
  readonly app: Express;
  /** Ends every connection with its next answer, and resolves when no request is under way. Idempotent. */
  close(): Promise<void>;
}

/** What a program can show besides the mall's API. The hub knows none of them: they are handed in from above. */
export interface Faces {
  readonly openConsole?: (options: ConsoleOptions) => Face;
}
