/** What a number, an amount or a date is when it has been there and back over a socket, through every shipped description. */
import { readdirSync, readFileSync } from 'node:fs';

import { afterEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';

import { environmentFor } from '../certification/environment.ts';
import { shapeOf } from '../certification/shapes/index.ts';
import { playShape, type Shape } from '../certification/shapes/shape.ts';
import type { BooksOptions } from '../certification/shapes/shape-books.ts';
import { readChannelDescription, type ChannelDescription } from '../channel-description.ts';
import type { ChannelAdapter, LookUpOutcome } from '../contract.ts';
import { openChannel } from '../open-remote.ts';
import { requestVariables } from './request-schema.ts';
import { AMPLE_CONTEXT } from '../testing/call-contexts.ts';

const FOLDER = new URL('./descriptions/', import.meta.url);
type Described = Extract<ChannelDescription, { readonly adapter: 'declarative' }>;

/** Those that are played by a shape; the JSON contract's own tests have the same for it. */
const SHIPPED: readonly (readonly [string, string, Shape])[] = readdirSync(FOLDER).flatMap((name) => {
  const text = readFileSync(new URL(name, FOLDER), 'utf8');
  const shape = shapeOf(readChannelDescription(text, name));
  return shape === undefined ? [] : [[name, text, shape] as const];
});

const toClose: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of toClose.splice(0).toReversed()) await thing.close();
});

async function play(
  text: string,
  shape: Shape,
  scale: number,
  options: BooksOptions & { opening?: Decimal } = {},
) {
  const played = await playShape(shape, scale, options);
  toClose.push(played);
  const read = readChannelDescription(text, 'channel.yaml') as Described;
  const moved: Described = {
    ...read,
    points: { ...read.points, scale },
    baseUrl: played.origin,
    proxy: 'none',
    // Of Formance the asset says how many places its whole numbers have.
    values: { ...read.values, ...shape.values, asset: scale === 0 ? 'PTS' : `PTS/${scale}` },
    sign:
      read.sign.method === 'oauth2-client-credentials'
        ? { ...read.sign, tokenUrl: `${played.origin}/oauth/token` }
        : read.sign,
  };
  const channel = openChannel(moved, environmentFor(text, {}));
  toClose.push(channel);
  return { played, channel, description: moved };
}

const NOW = new Date();
const operation = (shape: Shape, points: Decimal) => ({
  key: 'k1',
  orderId: 'o1',
  memberRef: shape.member,
  points,
});

function lookUp(
  channel: ChannelAdapter,
  { capabilities }: Described,
  shape: Shape,
  at = NOW,
): Promise<LookUpOutcome> {
  if (capabilities.query === 'by-key') return channel.query('k1', shape.member, AMPLE_CONTEXT);
  const [from, until] = [-60_000, 60_000].map((away) => new Date(at.getTime() + away)) as [Date, Date];
  const about = { key: 'k1', kind: 'deduction', orderId: 'o1', memberRef: shape.member } as const;
  return channel.scan({ ...about, remoteId: undefined, besides: undefined, from, until }, AMPLE_CONTEXT);
}

describe.each(SHIPPED)('%s', (_, text, shape) => {
  test.each([1n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 64n - 1n, 10n ** 30n + 7n])(
    'an id %s is the same id when it is looked up',
    async (firstId) => {
      const { played, channel, description } = await play(text, shape, described(text).points.scale, {
        firstId,
      });
      await channel.deduct(operation(shape, new Decimal(5)), AMPLE_CONTEXT);
      expect(played.lastId()).toBe(String(firstId));
      const found = await lookUp(channel, description, shape);
      expect(found).toMatchObject({ type: 'found', outcome: { type: 'done', points: new Decimal(5) } });
      const remoteId = found.type === 'found' && found.outcome.type === 'done' ? found.outcome.remoteId : '';
      expect(remoteId).toMatch(new RegExp(`(?:^|[-_])${firstId}$`));
    },
  );

  test.each(scalesOf(text))('points of scale %i come back to the last digit', async (scale) => {
    const smallest = new Decimal(10).pow(-scale);
    for (const points of [smallest, new Decimal(123_456_789).plus(smallest), new Decimal(900_719_925_474)]) {
      const opening = new Decimal('1e15');
      const { played, channel, description } = await play(text, shape, scale, { opening });
      const outcome = await channel.deduct(operation(shape, points), AMPLE_CONTEXT);
      if (outcome.type === 'done') expect(outcome.points.toFixed()).toBe(points.toFixed());
      expect((await played.moved()).toFixed()).toBe(points.toFixed());
      const found = await lookUp(channel, description, shape);
      expect(found).toMatchObject({ type: 'found', outcome: { points } });
      const back = await channel.refund(
        { ...operation(shape, points), key: 'r1', originalKey: 'k1', originalRemoteId: undefined },
        AMPLE_CONTEXT,
      );
      expect(['done', 'pending', 'unknown']).toContain(back.type);
      expect((await played.moved()).toFixed()).toBe('0');
    }
  });

  test.each([
    ['the hour that Europe has twice', '2026-10-25T00:59:59.999Z'],
    ['the hour that Europe has twice, again', '2026-10-25T01:00:00.000Z'],
    ['the hour that Europe leaves out', '2026-03-29T01:00:00.000Z'],
    ['midnight in Shanghai', '2026-11-20T16:00:00.000Z'],
    ['the last moment of a leap day', '2028-02-29T23:59:59.999Z'],
  ])('a date in %s is the same instant', async (__, iso) => {
    const at = new Date(iso);
    const { channel, description } = await play(text, shape, described(text).points.scale, {
      clock: () => at,
    });
    await channel.deduct(operation(shape, new Decimal(5)), AMPLE_CONTEXT);
    expect((await lookUp(channel, description, shape, at)).type).toBe('found');
    // A list that is asked for by time goes from one instant to another, an hour away as much as a day.
    const { scan } = description.operations;
    if (scan === undefined || !requestVariables(scan.request).includes('from')) return;
    for (const away of [-86_400_000, -3_600_000, 3_600_000, 86_400_000]) {
      const elsewhere = await lookUp(channel, description, shape, new Date(at.getTime() + away));
      expect(elsewhere.type).toBe('not_found');
    }
  });
});

function described(text: string): Described {
  return readChannelDescription(text, 'channel.yaml') as Described;
}

/** Where the API has whole points only, there is one. */
function scalesOf(text: string): number[] {
  const { points } = described(text);
  return points.scale === 0 ? [0] : [0, 1, 2, 3, 4];
}
