import { describe, expect, test } from '@jest/globals';
import { describeBroker, gate, Mailbox } from '../testing/index.ts';
import { createInProcessBroker } from './in-process.ts';
import type { Disposition, OutgoingMessage, Topology } from './port.ts';

describeBroker('the in-process broker', () =>
  Promise.resolve({
    prefix: 'test',
    open: (topology) => Promise.resolve(createInProcessBroker({ topology, redeliveryDelayMs: 10 })),
    dispose: () => Promise.resolve(),
  }),
);

const topology: Topology = {
  exchanges: [
    { name: 'commands', kind: 'direct' },
    { name: 'dead', kind: 'direct' },
  ],
  queues: [
    {
      queue: 'work',
      bindings: [{ exchange: 'commands', routingKey: 'work' }],
      deadLetter: { exchange: 'dead', routingKey: 'dead', deliveriesMax: 2 },
    },
    { queue: 'audit', bindings: [{ exchange: 'commands', routingKey: 'both' }] },
    { queue: 'second', bindings: [{ exchange: 'commands', routingKey: 'both' }] },
    { queue: 'dead', bindings: [{ exchange: 'dead', routingKey: 'dead' }] },
  ],
};

function message(id: string, routingKey = 'work'): OutgoingMessage {
  return { id, exchange: 'commands', routingKey, mandatory: true, body: '{}' };
}

describe('the in-process broker', () => {
  test('a publish completes only when the handler has finished', async () => {
    const broker = createInProcessBroker({ topology });
    const stuck = gate();
    const events: string[] = [];
    const mailbox = new Mailbox(async (): Promise<Disposition> => {
      await stuck.opened;
      events.push('handled');
      return 'done';
    });
    await broker.consume({ queue: 'work', prefetch: 1, onDelivery: mailbox.onDelivery });
    const published = broker.publish(message('1')).then(() => events.push('confirmed'));
    await mailbox.received(1);
    stuck.open();
    await published;
    expect(events).toEqual(['handled', 'confirmed']);
  });

  test('a queue that nobody consumes refuses', async () => {
    const broker = createInProcessBroker({ topology });
    expect(await broker.publish(message('1'))).toEqual({
      type: 'refused',
      cause: 'queue "work" has no consumer',
    });
  });

  test('a message for two queues reaches neither while one of them has no consumer', async () => {
    const broker = createInProcessBroker({ topology });
    const mailbox = new Mailbox();
    await broker.consume({ queue: 'audit', prefetch: 1, onDelivery: mailbox.onDelivery });
    expect((await broker.publish(message('1', 'both'))).type).toBe('refused');
    expect(mailbox.ids()).toEqual([]);
  });

  test('a message that is given up is refused while nobody consumes the dead-letter queue', async () => {
    const broker = createInProcessBroker({ topology });
    await broker.consume({ queue: 'work', prefetch: 1, onDelivery: () => Promise.resolve('set_aside') });
    expect(await broker.publish(message('1'))).toEqual({
      type: 'refused',
      cause: 'queue "dead" has no consumer',
    });
  });

  test('a message that is given up is confirmed only when the dead-letter handler has finished', async () => {
    const broker = createInProcessBroker({ topology });
    const stuck = gate();
    const dead = new Mailbox(() => stuck.opened.then(() => 'done'));
    const work = new Mailbox(({ messageId }) => (messageId === '1' ? 'set_aside' : 'done'));
    await broker.consume({ queue: 'work', prefetch: 1, onDelivery: work.onDelivery });
    await broker.consume({ queue: 'dead', prefetch: 1, onDelivery: dead.onDelivery });
    let isConfirmed = false;
    const published = broker.publish(message('1')).then(() => (isConfirmed = true));
    await dead.received(1);
    // A dead letter that takes long holds no place of the consumer that gave it up.
    await broker.publish(message('2'));
    expect(isConfirmed).toBe(false);
    stuck.open();
    await published;
  });

  test('what waits for a paused consumer is refused when the consumer stops', async () => {
    const broker = createInProcessBroker({ topology });
    const mailbox = new Mailbox();
    const consumer = await broker.consume({ queue: 'work', prefetch: 1, onDelivery: mailbox.onDelivery });
    await consumer.pause();
    const published = broker.publish(message('1'));
    await consumer.stop();
    expect((await published).type).toBe('refused');
    expect(mailbox.ids()).toEqual([]);
  });

  test('a full queue refuses', async () => {
    const broker = createInProcessBroker({ topology, waitingMax: 2 });
    const mailbox = new Mailbox();
    const consumer = await broker.consume({ queue: 'work', prefetch: 1, onDelivery: mailbox.onDelivery });
    await consumer.pause();
    const waiting = [broker.publish(message('1')), broker.publish(message('2'))];
    expect(await broker.publish(message('3'))).toEqual({ type: 'refused', cause: 'queue "work" is full' });
    await consumer.resume();
    expect(await Promise.all(waiting)).toEqual([{ type: 'confirmed' }, { type: 'confirmed' }]);
  });

  test.each<[string, Topology]>([
    [
      'a binding to an unknown exchange',
      { exchanges: [], queues: [{ queue: 'q', bindings: [{ exchange: 'x', routingKey: '' }] }] },
    ],
    [
      'a queue declared twice',
      {
        exchanges: [],
        queues: [
          { queue: 'q', bindings: [] },
          { queue: 'q', bindings: [] },
        ],
      },
    ],
  ])('a topology with %s is an error of the program', (_, contradictory) => {
    expect(() => createInProcessBroker({ topology: contradictory })).toThrow(TypeError);
  });
});
