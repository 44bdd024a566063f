/**
 * The sandbox counts in ten-thousandths of a point, as BigInt: another arithmetic than the hub's decimals, so that a
 * mistake in one is not repeated in the other.
 */
const UNITS_PLACES = 4;

/** `"49.8"` as 498000n; undefined for anything that is not up to 15 digits with up to four places. */
export function parseUnits(text: unknown): bigint | undefined {
  if (typeof text !== 'string') return undefined;
  const match = /^(\d{1,15})(?:\.(\d{1,4}))?$/.exec(text);
  if (match === null) return undefined;
  return BigInt(`${match[1]}${(match[2] ?? '').padEnd(UNITS_PLACES, '0')}`);
}

/** 498000n as `"49.8"`: no trailing zeros, no exponent. */
export function formatUnits(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(UNITS_PLACES + 1, '0');
  const places = digits.slice(-UNITS_PLACES).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -UNITS_PLACES)}${places === '' ? '' : `.${places}`}`;
}
