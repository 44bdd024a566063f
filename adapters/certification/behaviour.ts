import type { ChannelDescription } from '../channel-description.ts';
import type { Bench } from './bench.ts';
import type { PlayedChannel } from './shapes/shape.ts';

/** What is known before a behaviour is tried. */
export interface Subject {
  readonly description: ChannelDescription;
  readonly shape: PlayedChannel['shape'];
}

/** One thing that every adapter whose channel can do it must do. */
export interface Behaviour {
  /** `C1` to `C54`. */
  readonly id: string;
  /** The rule, in the present tense. */
  readonly rule: string;
  /** Why it says nothing about this channel; undefined if it does. */
  readonly notFor?: (subject: Subject) => string | undefined;
  /** @throws Violation */
  readonly attempt: (bench: Bench, env: Readonly<Record<string, string>>) => Promise<void>;
}

/** The behaviour is not there; the message says what was seen instead. */
export class Violation extends Error {}

/** @throws Violation */
export function hold(isSo: boolean, otherwise: () => string): void {
  if (!isSo) throw new Violation(otherwise());
}

const UNSAFE_WITHOUT_KEYS = 'the channel has no idempotency, so nothing is ever sent twice';
export function needsKeys({ description }: Subject): string | undefined {
  return description.capabilities.idempotency.kind === 'none' ? UNSAFE_WITHOUT_KEYS : undefined;
}
export function needsRefunds({ description }: Subject): string | undefined {
  return description.capabilities.reversal === 'none' ? 'the channel gives nothing back' : undefined;
}
export function needsLookUp({ description }: Subject): string | undefined {
  const { query, scan, statement } = description.capabilities;
  return query === 'none' && scan === undefined && statement === undefined
    ? 'the channel can be asked in no way'
    : undefined;
}

/** What a success must be; where a channel shows no amounts, a success is what a look-up then finds. */
export async function expectDone(bench: Bench, key: string, kind: 'deduction' | 'refund' = 'deduction') {
  const found = await bench.lookUp(key, kind);
  hold(
    found.type === 'found' && found.outcome.type === 'done',
    () => `a look-up of what was done says ${say({ ...found })}`,
  );
}

/** An outcome in words. */
export function say(outcome: { readonly type: string; readonly [name: string]: unknown }): string {
  const { type } = outcome;
  const inner = outcome['outcome'] as { readonly type: string } | undefined;
  if (inner !== undefined) return `${type}: ${say({ ...inner })}`;
  const words = ['cause', 'reason', 'code'].flatMap((name) => {
    const word = outcome[name];
    return typeof word === 'string' ? [word] : [];
  });
  return [type, ...words].join(' ');
}
