import type { Certification, Documented } from './certify.ts';

/** A table for people: what failed is told with what was seen. */
export function writeTable({ channel, against, findings, documented }: Certification): string {
  const lines = findings.map(
    ({ id, rule, verdict, why }) =>
      `${id.padEnd(4)} ${verdict.padEnd(14)} ${rule}${why === '' ? '' : `\n${' '.repeat(20)}${why}`}`,
  );
  const count = (verdict: string): number => findings.filter((one) => one.verdict === verdict).length;
  const sum = `${count('passed')} passed, ${count('failed')} failed, ${count('not applicable')} not applicable`;
  return [`${channel}, against ${against}`, '', ...lines, '', ...writeDocumented(documented), sum].join('\n');
}

function writeDocumented(documented: Documented | undefined): string[] {
  if (documented === undefined) return [];
  const { document, exchangesCount, faults } = documented;
  if (faults.length === 0) return [`${exchangesCount} requests and answers are as ${document} says`, ''];
  return [`not as ${document} says, in ${exchangesCount} requests and answers:`, ...faults, ''];
}

export function isCertified({ findings, documented }: Certification): boolean {
  return findings.every(({ verdict }) => verdict !== 'failed') && (documented?.faults.length ?? 0) === 0;
}
