import type { Express } from 'express';
import type { Logger } from 'pino';
import type { Desk } from './desk.ts';

export interface ConsoleOptions extends Desk {
  /** The bearer token that lets in. */
  readonly token: string;
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
