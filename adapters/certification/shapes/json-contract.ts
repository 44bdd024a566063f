/** The contract of `json-channel/openapi.yaml`, played by the sandbox. */
import type { ChannelDescription } from '../../channel-description.ts';
import { createSandbox } from '../../sandbox/index.ts';
import { deductPath, OPENING, type PlayedChannel } from './shape.ts';
import { Decimal } from 'decimal.js';

const CHANNEL = 'certified';

export function speaksJsonContract(description: ChannelDescription): boolean {
  return description.adapter === 'json' || deductPath(description) === '/v1/deductions';
}

export async function playJsonContract({ capabilities }: ChannelDescription): Promise<PlayedChannel> {
  const member = 'ann';
  const natures = {
    [CHANNEL]: {
      ...(capabilities.marker === 'note' ? { keys: 'ignored' } : {}),
      ...(capabilities.query === 'none' ? { lookups: false } : {}),
    },
  };
  const sandbox = await createSandbox({ channels: [CHANNEL], natures, openingBalance: OPENING.toFixed() });
  const books = () => sandbox.books().channels[CHANNEL];
  return {
    origin: sandbox.url,
    path: `/channels/${CHANNEL}`,
    shape: {
      name: 'JSON contract',
      capsRefunds: true,
      slips: true,
      isOwn: false,
      member,
      stranger: 'unknown-1',
    },
    tokensFrom: 'sandbox',
    opening: OPENING,
    moved: () => Promise.resolve(new Decimal(books()?.net ?? 0)),
    lastId: () => undefined,
    slipOnce: async (by) => {
      const faults = [{ kind: 'wrong-amount', on: ['deductions'], by: by.toFixed(), next: 1 }];
      const answer = await fetch(`${sandbox.url}/admin/channels/${CHANNEL}/faults`, {
        method: 'PUT',
        body: JSON.stringify({ faults }),
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    close: () => sandbox.close(),
  };
}
