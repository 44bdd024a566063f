import { randomBytes } from 'node:crypto';

/**
 * Values for every variable that a description's text names, so that a channel can be certified against the sandbox by
 * who has none of its secrets. What is set already counts.
 */
export function environmentFor(
  text: string,
  given: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(namesIn(text).map((name) => [name, given[name] ?? madeUp(name, text)]));
}

/** Of the environment what a description's text names, and nothing else: the rest is no secret of the channel's. */
export function namedIn(
  text: string,
  given: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const set = namesIn(text).flatMap((name): [string, string][] => {
    const value = given[name];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(set);
}

function namesIn(text: string): string[] {
  const named = text.matchAll(/(?:env:|\$\{|[sS]ecretEnv:\s*)([A-Z_][A-Z0-9_]*)/g);
  return [...new Set([...named].map(([, name]) => name ?? ''))];
}

function madeUp(name: string, text: string): string {
  const isStandardSecret =
    new RegExp(`[sS]ecretEnv:\\s*${name}\\b`).test(text) && !/^\s+signature:/m.test(text);
  if (isStandardSecret) return `whsec_${randomBytes(32).toString('base64')}`;
  return name.endsWith('URL') ? 'http://certification.invalid' : `made-up-${name.toLowerCase()}`;
}
