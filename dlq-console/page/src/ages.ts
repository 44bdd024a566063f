/** How long ago something was, in the largest unit that fits, as the document's language writes it. */

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

export function ageInWords(since: string, now: number, languageTag: string): string {
  const passedMs = Math.max(0, now - new Date(since).getTime());
  const [unit, lastsMs] = units.find(([, ms]) => passedMs >= ms) ?? (['second', 1_000] as const);
  const style = { style: 'unit', unit, unitDisplay: 'short' } as const;
  return new Intl.NumberFormat(languageTag, style).format(Math.floor(passedMs / lastsMs));
}
