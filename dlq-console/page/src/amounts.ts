/** Points as people read them. They are decimal texts from end to end: no number of the language ever holds them. */

const scale = 4;

/** The exact sum of plain decimals with at most four places. */
export function sumOfPoints(amounts: readonly string[]): string {
  const total = amounts.reduce((sum, one) => sum + unitsOf(one), 0n);
  const digits = total.toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return `${digits.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`;
}

function unitsOf(points: string): bigint {
  const [whole = '0', fraction = ''] = points.split('.');
  return BigInt(`${whole}${fraction.padEnd(scale, '0')}`);
}

/** With thousands apart, as English and Chinese have them alike. */
export function pointsInWords(points: string): string {
  const [whole = '', fraction] = points.split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
