import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Readiness } from './answer-schemas.ts';
import { answerJson } from './answer.ts';

/** Whether what it is named after can be used; a rejection says no, too. */
export type Probe = () => Promise<boolean>;

export interface ReadinessOptions {
  readonly probes: Readonly<Record<string, Probe>>;
  readonly isClosing: () => boolean;
  readonly log: Logger;
}

/** No probe counts for longer than this. */
const probeMaxMs = 2_000;

const alive = JSON.stringify({ status: 'alive' });

/** GET /healthz: this process can answer at all. */
export function showHealth(_request: Request, response: Response): void {
  answerJson(response, 200, alive);
}

/**
 * GET /readyz: whether this process should be sent requests. Anybody may ask, so all who ask at once share one round
 * of probes, and the answer says only which one failed; the log says why.
 */
export function showReadiness({
  probes,
  isClosing,
  log,
}: ReadinessOptions): (request: Request, response: Response) => Promise<void> {
  let round: Promise<Readiness> | undefined;

  async function probeAll(): Promise<Readiness> {
    const checks = await Promise.all(
      Object.entries(probes).map(async ([name, probe]) => [name, await ask(name, probe)] as const),
    );
    const isReady = checks.every(([, is]) => is) && !isClosing();
    return {
      status: word(isReady),
      checks: Object.fromEntries(checks.map(([name, is]) => [name, word(is)])),
    };
  }

  async function ask(name: string, probe: Probe): Promise<boolean> {
    try {
      return await bounded(probe);
    } catch (error) {
      log.warn({ check: name, err: error }, 'not ready');
      return false;
    }
  }

  return async (_request, response) => {
    round ??= probeAll().finally(() => {
      round = undefined;
    });
    const readiness = await round;
    answerJson(response, readiness.status === 'ready' ? 200 : 503, JSON.stringify(readiness));
  };
}

function word(isReady: boolean): Readiness['status'] {
  return isReady ? 'ready' : 'not_ready';
}

async function bounded(probe: Probe): Promise<boolean> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${probeMaxMs} ms`)), probeMaxMs);
  try {
    return await Promise.race([probe(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
