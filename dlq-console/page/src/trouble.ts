/** Why something was not done, in a form that both languages have words for. */

/** `away`: no answer. `slow`: none in time, it may still happen. `broken`: an answer that says nothing. */
export type TroubleKind = 'away' | 'slow' | 'broken' | 'refused';

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** The server's own words. */
  readonly detail: string;
}

export class Trouble extends Error {
  readonly kind: TroubleKind;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly detail: string;

  constructor(kind: TroubleKind, refusal?: Refusal, options?: ErrorOptions) {
    super(refusal === undefined ? kind : `${refusal.code}: ${refusal.detail}`, options);
    this.name = 'Trouble';
    this.kind = kind;
    this.status = refusal?.status;
    this.code = refusal?.code;
    this.detail = refusal?.detail ?? '';
  }
}

/** Reads a problem document (RFC 9457); what else comes, a proxy's page for one, is no refusal that has a name. */
export function troubleOf(status: number, body: unknown): Trouble {
  if (typeof body !== 'object' || body === null || !('code' in body) || typeof body.code !== 'string') {
    return new Trouble(status === 502 || status === 503 || status === 504 ? 'away' : 'broken');
  }
  if (body.code === 'HUB_UNAVAILABLE') return new Trouble('away');
  const detail = 'detail' in body && typeof body.detail === 'string' ? body.detail : '';
  return new Trouble('refused', { status, code: body.code, detail });
}

/** The keys of what to say, the most exact first. */
export function wordsFor(trouble: unknown): readonly [string, ...string[]] {
  if (!(trouble instanceof Trouble)) return ['trouble.broken'];
  if (trouble.kind !== 'refused') return [`trouble.${trouble.kind}`];
  return [`trouble.${trouble.code}`, `trouble.status${trouble.status}`, 'trouble.refused'];
}
