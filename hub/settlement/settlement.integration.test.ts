import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import amqp from 'amqplib';
import { testAmqpUrl } from '@points-hub/dev/testing';
import { channelIds, hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';

let hub: HubUnderTest;
afterEach(() => hub.close());

function orders(count: number, name = 'order'): Parameters<HubUnderTest['place']>[0][] {
  return Array.from({ length: count }, (_, index) => ({
    orderId: `${name}-${index}`,
    userId: `user-${index % 7}`,
    deductions: [
      { channel: channelIds[index % 6] ?? '', points: `${index + 1}.25` },
      { channel: channelIds[(index + 1) % 6] ?? '', points: '0.75' },
    ],
  }));
}

/** What the sandbox says is in effect: points and quota, over all channels. */
function inEffect(): { points: number; quota: number } {
  const { channels, portal } = hub.sandbox.books();
  const sum = (values: string[]): number => values.reduce((total, value) => total + Number(value) * 100, 0);
  return {
    points: sum(Object.values(channels).map(({ net }) => net)),
    quota: sum(Object.values(portal.quotas).map(({ used }) => used)),
  };
}

function centsAsked(placed: ReturnType<typeof orders>): number {
  return placed
    .flatMap(({ deductions }) => deductions)
    .reduce((total, { points }) => total + Number(points) * 100, 0);
}

describe.each(['rabbitmq', 'in-process'] as const)('settlement on %s', (broker) => {
  test('every order settles with its points and quota deducted once', async () => {
    hub = await hubUnderTest(broker);
    await hub.start();
    const placed = orders(40);
    for (const order of placed) await hub.place(order);
    const statuses = await Promise.all(placed.map(({ orderId }) => hub.ended(orderId)));
    expect(new Set(statuses)).toEqual(new Set(['settled']));
    expect(inEffect()).toEqual({ points: centsAsked(placed), quota: centsAsked(placed) });
  });

  test('a refused deduction undoes the whole order, and the order says why', async () => {
    hub = await hubUnderTest(broker);
    await hub.start();
    await hub.place({
      orderId: 'too-much',
      userId: 'ada',
      deductions: [
        { channel: 'airmiles', points: '10.00' },
        { channel: 'bankplus', points: '99999.99' },
      ],
    });
    expect(await hub.ended('too-much')).toBe('cancelled');
    expect(inEffect()).toEqual({ points: 0, quota: 0 });
    const rows: unknown = await hub.database
      .knex('hub.orders')
      .select('reason_code', 'reason_channel', 'reason_leg');
    expect(rows).toEqual([
      {
        reason_code: 'insufficient_points',
        reason_channel: 'bankplus',
        reason_leg: 'points',
      },
    ]);
  });

  test('events with no subscriber leave the outbox', async () => {
    hub = await hubUnderTest(broker);
    await hub.start();
    await hub.place(orders(1)[0] as ReturnType<typeof orders>[0]);
    await hub.ended('order-0');
    await eventually('the outbox is empty', async () => {
      const [row] = await hub.database.knex('outbox.messages').count('* as left');
      return Number((row as { left: string }).left) === 0;
    });
  });

  test('a message that was lost is made good by the sweeper', async () => {
    hub = await hubUnderTest(broker);
    await hub.place(orders(1)[0] as ReturnType<typeof orders>[0]);
    await hub.database.knex('outbox.messages').delete();
    await hub.database.knex('hub.deductions').update({ wake_by: hub.database.knex.fn.now() });
    await hub.start();
    expect(await hub.ended('order-0')).toBe('settled');
  });
});

/** Messages ready in a queue; asked on a channel of its own, which a missing queue closes. */
async function messagesIn(connection: amqp.ChannelModel, queue: string): Promise<number> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  const { messageCount } = await channel.checkQueue(queue);
  await channel.close();
  return messageCount;
}

describe('with RabbitMQ', () => {
  test('two relays and two workers at once lead to one effect each', async () => {
    hub = await hubUnderTest('rabbitmq');
    const placed = orders(60);
    await Promise.all(placed.map((order) => hub.place(order)));
    await Promise.all([hub.start(), hub.start()]);
    await Promise.all(placed.map(({ orderId }) => hub.ended(orderId)));
    expect(inEffect()).toEqual({ points: centsAsked(placed), quota: centsAsked(placed) });
    const calls = hub.sandbox.books().portal.calls as Record<string, number>;
    expect(calls['deductions']).toBe(120);
  });

  test('the same message delivered many times leads to one effect', async () => {
    hub = await hubUnderTest('rabbitmq');
    const placed = orders(3);
    for (const order of placed) await hub.place(order);
    await hub.database.knex.raw(
      `insert into outbox.messages (exchange, routing_key, type, subject, data, mandatory)
       select exchange, routing_key, type, subject, data, mandatory from outbox.messages, generate_series(1, 20)`,
    );
    await Promise.all([hub.start(), hub.start()]);
    await Promise.all(placed.map(({ orderId }) => hub.ended(orderId)));
    expect(inEffect()).toEqual({ points: centsAsked(placed), quota: centsAsked(placed) });
  });

  test('purging the queues in mid-flight strands nothing', async () => {
    hub = await hubUnderTest('rabbitmq');
    const connection = await amqp.connect(testAmqpUrl());
    try {
      // Only a relay: the messages reach the queues and lie there.
      await hub.start({ roles: new Set(['relay']) });
      const placed = orders(12);
      for (const order of placed) await hub.place(order);
      const queues = channelIds.map((id) => `${hub.prefix}.deductions.${id}`);
      await eventually('all messages are in the queues', async () => {
        const counts = await Promise.all(queues.map((queue) => messagesIn(connection, queue)));
        return counts.reduce((sum, count) => sum + count, 0) === 24;
      });
      const channel = await connection.createChannel();
      const purged = await Promise.all(
        queues.map(async (queue) => (await channel.purgeQueue(queue)).messageCount),
      );
      expect(purged.reduce((sum, count) => sum + count, 0)).toBe(24);
      await hub.database.knex('hub.deductions').update({ wake_by: hub.database.knex.fn.now() });
      await hub.start();
      const statuses = await Promise.all(placed.map(({ orderId }) => hub.ended(orderId)));
      expect(new Set(statuses)).toEqual(new Set(['settled']));
      expect(inEffect()).toEqual({ points: centsAsked(placed), quota: centsAsked(placed) });
    } finally {
      await connection.close();
    }
  });

  test('unreadable messages become one case each and the worker goes on', async () => {
    hub = await hubUnderTest('rabbitmq');
    await hub.start();
    const connection = await amqp.connect(testAmqpUrl());
    try {
      const poisons = [
        'not JSON',
        '{}',
        '{"specversion":"1.0","id":"1","source":"/x","type":"points.deduction.due.v1","data":{"deductionId":"0; drop table"}}',
      ];
      await eventually(
        'the queues are declared',
        async () => (await messagesIn(connection, `${hub.prefix}.dead-letters`)) === 0,
      );
      const channel = await connection.createConfirmChannel();
      for (const poison of poisons)
        channel.publish(`${hub.prefix}.deductions`, 'airmiles', Buffer.from(poison));
      await channel.waitForConfirms();
      await eventually('all poisons are cases', async () => {
        const rows: unknown[] = await hub.database.knex('hub.cases').where({ cause: 'unreadable_message' });
        return rows.length === poisons.length;
      });
      await hub.place(orders(1)[0] as ReturnType<typeof orders>[0]);
      expect(await hub.ended('order-0')).toBe('settled');
    } finally {
      await connection.close();
    }
  });
});
