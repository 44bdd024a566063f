import { z } from 'zod';

import type { CallKind } from './call-counts.ts';

/** What a channel is like as long as the sandbox runs, whatever goes wrong besides. By default it can do everything. */
const natureSchema = z.strictObject({
  /** `ignored`: a key is not kept; every request is one more effect, and listings show its note instead. */
  keys: z.enum(['kept', 'ignored']).default('kept'),
  /** Whether it names the points in its answers to deductions and refunds. */
  echo: z.boolean().default(true),
  lookups: z.boolean().default(true),
  /** Whether it lists a member's transactions. */
  scans: z.boolean().default(true),
  statements: z.boolean().default(true),
  refunds: z.boolean().default(true),
  /** Whether points can be held, and then confirmed or released. */
  holds: z.boolean().default(true),
  /** How long after a moment its statement is closed up to there; what is younger is not in it. */
  statementLagMs: z.int().min(0).max(604_800_000).default(0),
});

export type Nature = Readonly<z.infer<typeof natureSchema>>;

export const ORDINARY_NATURE: Nature = natureSchema.parse({});

const naturesSchema = z.record(z.string(), natureSchema);

/**
 * Reads `{"airmiles": {"lookups": false}}`.
 *
 * @throws Error naming the field at fault, or a channel that is not among `channels`.
 */
export function readNatures(value: unknown, channels: readonly string[]): ReadonlyMap<string, Nature> {
  const result = naturesSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`natures.${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const stranger = Object.keys(result.data).find((id) => !channels.includes(id));
  if (stranger !== undefined) throw new Error(`natures.${stranger}: no channel of this sandbox`);
  return new Map(Object.entries(result.data));
}

/** Whether a channel has calls of this kind at all. */
export function offers(nature: Nature, kind: CallKind): boolean {
  switch (kind) {
    case 'lookups':
    case 'scans':
    case 'statements':
    case 'refunds':
      return nature[kind];
    case 'holds':
    case 'confirmations':
    case 'releases':
      return nature.holds;
    case 'deductions':
    case 'returns':
    case 'balances':
      return true;
  }
}
