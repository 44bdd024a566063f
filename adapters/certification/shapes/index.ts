import type { ChannelDescription } from '../../channel-description.ts';
import { BREVO_LOYALTY } from './brevo-loyalty.ts';
import { FORMANCE_LEDGER } from './formance-ledger.ts';
import { playJsonContract, speaksJsonContract } from './json-contract.ts';
import { playShape, type PlayedChannel, type Shape } from './shape.ts';
import { SQUARE_LOYALTY } from './square-loyalty.ts';
import { TALON_ONE } from './talon-one.ts';
import { VOUCHERIFY_LOYALTY } from './voucherify-loyalty.ts';

const SHAPES: readonly Shape[] = [
  BREVO_LOYALTY,
  FORMANCE_LEDGER,
  SQUARE_LOYALTY,
  TALON_ONE,
  VOUCHERIFY_LOYALTY,
];

/** The document that the sandbox's exchanges are held against; undefined if the sandbox does not speak its API. */
export function documentOf(description: ChannelDescription): URL | undefined {
  if (speaksJsonContract(description)) return new URL('../../json-channel/openapi.yaml', import.meta.url);
  const shape = shapeOf(description);
  return shape === undefined ? undefined : new URL(`../documents/${shape.document}`, import.meta.url);
}

/** How the channel of this description is played; undefined if the sandbox does not speak its API. */
export function playerOf(description: ChannelDescription): (() => Promise<PlayedChannel>) | undefined {
  if (speaksJsonContract(description)) return () => playJsonContract(description);
  const shape = shapeOf(description);
  return shape === undefined ? undefined : () => playShape(shape, description.points.scale);
}

/** The public API that a description is of, if it is one that is played. */
export function shapeOf(description: ChannelDescription): Shape | undefined {
  return SHAPES.find((one) => one.speaks(description));
}
