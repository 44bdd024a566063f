import type { Certification } from './certify.ts';

/** A table for people: what failed is told with what was seen. */
export function writeTable({ channel, against, findings }: Certification): string {
  const lines = findings.map(
    ({ id, rule, verdict, why }) =>
      `${id.padEnd(4)} ${verdict.padEnd(14)} ${rule}${why === '' ? '' : `\n${' '.repeat(20)}${why}`}`,
  );
  const count = (verdict: string): number => findings.filter((one) => one.verdict === verdict).length;
  const sum = `${count('passed')} passed, ${count('failed')} failed, ${count('not applicable')} not applicable`;
  return [`${channel}, against ${against}`, '', ...lines, '', sum].join('\n');
}

export function isCertified({ findings }: Certification): boolean {
  return findings.every(({ verdict }) => verdict !== 'failed');
}
