/**
 * The conformance suite of the broker port. Every implementation must pass it, and both of ours do.
 *
 * ```ts
 * describeBroker('my broker', async () => ({ prefix: 'test_1', open: (topology) => connect(topology), dispose }));
 * ```
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Broker, Disposition, OutgoingMessage, Topology } from '../broker/port.ts';
import { readEnvelope } from '../envelope.ts';
import { gate, Mailbox } from './mailbox.ts';

export { gate, Mailbox } from './mailbox.ts';

export interface BrokerHarness {
  /** Begins every name that the suite declares, so that brokers can be shared. */
  readonly prefix: string;
  /** Opens the broker under test; the suite closes it. Redelivery without dead-letter route: after 20 ms at most. */
  open(topology: Topology): Promise<Broker>;
  /** Removes what was declared. */
  dispose(): Promise<void>;
}

const deliveriesMax = 3;

function topologyOf(prefix: string): Topology {
  const deadLetter = { exchange: `${prefix}.dead`, routingKey: 'given-up', deliveriesMax };
  const bound = (exchange: string, routingKey: string) => ({ exchange: `${prefix}.${exchange}`, routingKey });
  return {
    exchanges: [
      { name: `${prefix}.commands`, kind: 'direct' },
      { name: `${prefix}.events`, kind: 'topic' },
      { name: `${prefix}.dead`, kind: 'direct' },
    ],
    queues: [
      { queue: `${prefix}.one`, bindings: [bound('commands', 'one')], deadLetter },
      { queue: `${prefix}.two`, bindings: [bound('commands', 'two')], deadLetter },
      { queue: `${prefix}.orders`, bindings: [bound('events', 'order.*')], deadLetter },
      { queue: `${prefix}.all`, bindings: [bound('events', '#')], deadLetter },
      { queue: `${prefix}.given-up`, bindings: [bound('dead', 'given-up')] },
    ],
  };
}

export function describeBroker(name: string, makeHarness: () => Promise<BrokerHarness>): void {
  describe(`${name}, as any broker`, () => {
    let harness: BrokerHarness;
    let broker: Broker;

    beforeEach(async () => {
      harness = await makeHarness();
      broker = await harness.open(topologyOf(harness.prefix));
    });
    afterEach(async () => {
      await broker.close();
      await harness.dispose();
    });

    const named = (short: string): string => `${harness.prefix}.${short}`;

    function message(id: string, routingKey: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
      const envelope = { specversion: '1.0', id, source: '/test', type: 'test', data: { id } };
      const body = JSON.stringify(envelope);
      return { id, exchange: named('commands'), routingKey, mandatory: true, body, ...more };
    }

    async function consume(queue: string, mailbox: Mailbox, prefetch = 10) {
      return broker.consume({ queue: named(queue), prefetch, onDelivery: mailbox.onDelivery });
    }

    test('a message reaches its queue with its id, its routing key and its body', async () => {
      const mailbox = new Mailbox();
      await consume('one', mailbox);
      const sent = message('17', 'one');
      expect(await broker.publish(sent)).toEqual({ type: 'confirmed' });
      await mailbox.received(1);
      expect(mailbox.deliveries).toEqual([
        { messageId: '17', routingKey: 'one', body: Buffer.from(sent.body), redelivered: false },
      ]);
    });

    test('many messages at once all arrive, and each is confirmed', async () => {
      const mailbox = new Mailbox();
      await consume('one', mailbox, 200);
      const sent = Array.from({ length: 3_000 }, (_, index) => message(String(index), 'one'));
      const outcomes = await Promise.all(sent.map((each) => broker.publish(each)));
      await mailbox.received(sent.length);
      expect(outcomes.filter(({ type }) => type !== 'confirmed')).toEqual([]);
      expect(new Set(mailbox.ids())).toEqual(new Set(sent.map(({ id }) => id)));
    });

    test('a mandatory message that no queue takes is unroutable, and its neighbours are not', async () => {
      const mailbox = new Mailbox();
      await consume('one', mailbox);
      const outcomes = await Promise.all([
        broker.publish(message('1', 'one')),
        broker.publish(message('2', 'nowhere')),
        broker.publish(message('3', 'one')),
      ]);
      expect(outcomes.map(({ type }) => type)).toEqual(['confirmed', 'unroutable', 'confirmed']);
    });

    test('any other message that no queue takes is confirmed', async () => {
      expect(await broker.publish(message('1', 'nowhere', { mandatory: false }))).toEqual({
        type: 'confirmed',
      });
    });

    test('an event reaches every queue whose pattern matches, and only those', async () => {
      const [orders, all] = [new Mailbox(), new Mailbox()];
      await consume('orders', orders);
      await consume('all', all);
      const events = { exchange: named('events'), mandatory: false };
      await broker.publish(message('1', 'order.settled', events));
      await broker.publish(message('2', 'deduction.needs_attention', events));
      await all.received(2);
      await orders.received(1);
      expect(all.ids()).toEqual(['1', '2']);
      expect(orders.ids()).toEqual(['1']);
    });

    test('a message to an exchange that does not exist is not confirmed, and others go on', async () => {
      const mailbox = new Mailbox();
      await consume('one', mailbox);
      const outcomes = await Promise.all([
        broker.publish(message('1', 'one')),
        broker.publish(message('2', 'one', { exchange: named('missing') })),
        broker.publish(message('3', 'one')),
      ]);
      expect(outcomes.map(({ type }) => type === 'confirmed')).toEqual([true, false, true]);
    });

    test('a message that crashes its handler is redelivered up to the limit and then dead-lettered', async () => {
      const crashing = new Mailbox(() => Promise.reject(new Error('crash')));
      const dead = new Mailbox();
      await consume('given-up', dead);
      await consume('one', crashing);
      const sent = message('5', 'one');
      expect(await broker.publish(sent)).toEqual({ type: 'confirmed' });
      await dead.received(1);
      expect(crashing.deliveries.map(({ redelivered }) => redelivered)).toEqual([false, true, true]);
      expect(dead.deliveries).toEqual([
        { messageId: '5', routingKey: 'given-up', body: Buffer.from(sent.body), redelivered: false },
      ]);
    });

    test('a handler that throws before it returns a promise crashes likewise', async () => {
      const dead = new Mailbox();
      await consume('given-up', dead);
      const onDelivery = (): never => {
        throw new Error('crash');
      };
      await broker.consume({ queue: named('one'), prefetch: 1, onDelivery });
      await broker.publish(message('5', 'one'));
      await dead.received(1);
      expect(dead.ids()).toEqual(['5']);
    });

    test('a message set aside is dead-lettered at once', async () => {
      const [aside, dead] = [new Mailbox(() => 'set_aside'), new Mailbox()];
      await consume('given-up', dead);
      await consume('one', aside);
      await broker.publish(message('6', 'one'));
      await dead.received(1);
      expect([aside.ids(), dead.ids()]).toEqual([['6'], ['6']]);
    });

    test('a message that cannot be read is set aside and blocks no other', async () => {
      const dead = new Mailbox();
      const reader = new Mailbox(({ body }) =>
        readEnvelope(body).type === 'readable' ? 'done' : 'set_aside',
      );
      await consume('given-up', dead);
      await consume('one', reader, 1);
      await Promise.all([
        broker.publish(message('1', 'one')),
        broker.publish(message('2', 'one', { body: '{"specversion":' })),
        broker.publish(message('3', 'one')),
      ]);
      await reader.received(3);
      await dead.received(1);
      expect(dead.ids()).toEqual(['2']);
    });

    test('a queue without dead-letter route gives nothing up: set aside or crashed, it comes again', async () => {
      const dispositions = [() => Promise.reject(new Error('crash')), () => 'set_aside' as const];
      const keeper = new Mailbox(() => dispositions.shift()?.() ?? 'done');
      await consume('given-up', keeper);
      await broker.publish(message('7', 'given-up', { exchange: named('dead') }));
      await keeper.received(3);
      expect(keeper.deliveries.map(({ redelivered }) => redelivered)).toEqual([false, true, true]);
    });

    test('a stuck handler stops no other delivery within the prefetch, and the prefetch is never exceeded', async () => {
      const stuck = gate();
      let atOnce = 0;
      let atOnceMax = 0;
      const mailbox = new Mailbox(async ({ messageId }): Promise<Disposition> => {
        atOnce += 1;
        atOnceMax = Math.max(atOnceMax, atOnce);
        if (messageId === '0') await stuck.opened;
        else await Promise.resolve();
        atOnce -= 1;
        return 'done';
      });
      await consume('one', mailbox, 2);
      const outcomes = Array.from({ length: 20 }, (_, index) =>
        broker.publish(message(String(index), 'one')),
      );
      await mailbox.received(20);
      stuck.open();
      await Promise.all(outcomes);
      expect(atOnceMax).toBeLessThanOrEqual(2);
    });

    test('a paused consumer gets nothing until it is resumed, and other queues go on', async () => {
      const [paused, other] = [new Mailbox(), new Mailbox()];
      const consumer = await consume('one', paused);
      await consume('two', other);
      await consumer.pause();
      await consumer.pause();
      const waiting = broker.publish(message('1', 'one'));
      await broker.publish(message('2', 'two'));
      await other.received(1);
      expect(paused.ids()).toEqual([]);
      await consumer.resume();
      await consumer.resume();
      await paused.received(1);
      expect(await waiting).toEqual({ type: 'confirmed' });
      expect(paused.ids()).toEqual(['1']);
    });

    test.each(['pause', 'stop'] as const)('%s waits for the delivery in hand', async (verb) => {
      const stuck = gate();
      const events: string[] = [];
      const mailbox = new Mailbox(async (): Promise<Disposition> => {
        await stuck.opened;
        events.push('handled');
        return 'done';
      });
      const consumer = await consume('one', mailbox);
      const published = broker.publish(message('1', 'one'));
      await mailbox.received(1);
      const ended = consumer[verb]().then(() => events.push('ended'));
      stuck.open();
      await ended;
      await published;
      expect(events).toEqual(['handled', 'ended']);
    });

    test('a consumer that was stopped is not resumed', async () => {
      const [stopped, other] = [new Mailbox(), new Mailbox()];
      const consumer = await consume('one', stopped);
      await consumer.stop();
      await consumer.stop();
      await consumer.resume();
      await consume('one', other);
      await broker.publish(message('1', 'one'));
      await other.received(1);
      expect(stopped.ids()).toEqual([]);
    });

    test('closing waits for the delivery in hand, and publishing afterwards is refused', async () => {
      const stuck = gate();
      let isHandled = false;
      const mailbox = new Mailbox(async (): Promise<Disposition> => {
        await stuck.opened;
        isHandled = true;
        return 'done';
      });
      await consume('one', mailbox);
      const published = broker.publish(message('1', 'one'));
      await mailbox.received(1);
      expect(broker.isReady()).toBe(true);
      const closed = Promise.all([broker.close(), broker.close()]);
      expect(broker.isReady()).toBe(false);
      stuck.open();
      await closed;
      expect(isHandled).toBe(true);
      expect(await published).toEqual({ type: 'confirmed' });
      expect((await broker.publish(message('2', 'one'))).type).toBe('refused');
    });

    test('consuming a queue that is not in the topology is an error of the program', async () => {
      const onDelivery = new Mailbox().onDelivery;
      await expect(broker.consume({ queue: named('unknown'), prefetch: 1, onDelivery })).rejects.toThrow(
        TypeError,
      );
      await expect(broker.consume({ queue: named('one'), prefetch: 0, onDelivery })).rejects.toThrow(
        TypeError,
      );
    });
  });
}
