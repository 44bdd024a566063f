import { EventEmitter, once } from 'node:events';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ChannelModel } from 'amqplib';
import { silentLog } from '../log.ts';
import type { OutgoingMessage } from './port.ts';
import { ExchangePublisher } from './rabbitmq-publisher.ts';

type Confirm = (error: Error | null) => void;

/** A confirm channel that confirms nothing by itself. Like amqplib's, it calls every open callback when closed. */
class FakeChannel extends EventEmitter {
  readonly sent: { readonly messageId: string; readonly confirm: Confirm }[] = [];
  isWritable = true;

  constructor() {
    super();
    this.on('close', () => {
      for (const { confirm } of this.sent) confirm(new Error('channel closed'));
    });
  }

  publish(_: string, __: string, ___: Buffer, options: { messageId: string }, confirm: Confirm): boolean {
    this.sent.push({ messageId: options.messageId, confirm });
    this.emit('sent');
    return this.isWritable;
  }

  close(): Promise<void> {
    this.emit('close');
    return Promise.resolve();
  }
}

let channels: FakeChannel[];
let connectionIsUp: boolean;

beforeEach(() => {
  channels = [];
  connectionIsUp = true;
});

function publisher(limits: { windowMax?: number; confirmTimeoutMs?: number } = {}): ExchangePublisher {
  const connection = {
    createConfirmChannel: () => {
      if (!connectionIsUp) return Promise.reject(new Error('connection is down'));
      const channel = new FakeChannel();
      channels.push(channel);
      return Promise.resolve(channel);
    },
  };
  const { windowMax = 10, confirmTimeoutMs = 60_000 } = limits;
  return new ExchangePublisher(
    'exchange',
    connection as unknown as ChannelModel,
    { windowMax, confirmTimeoutMs },
    silentLog,
  );
}

function message(id: string): OutgoingMessage {
  return { id, exchange: 'exchange', routingKey: 'key', mandatory: true, body: '{}' };
}

/** The open channel, once the first message was sent on it. */
async function opened(): Promise<FakeChannel> {
  await Promise.resolve();
  const channel = channels.at(-1);
  if (channel === undefined) throw new Error('no channel was opened');
  if (channel.sent.length === 0) await once(channel, 'sent');
  return channel;
}

const ids = (channel: FakeChannel): string[] => channel.sent.map(({ messageId }) => messageId);

describe('publishing to one exchange', () => {
  test('confirms may come in any order, each for its own message', async () => {
    const outcomes = ['1', '2', '3'].map((id) => publisherOfTest.publish(message(id)));
    const channel = await opened();
    channel.sent[2]?.confirm(null);
    channel.sent[0]?.confirm(new Error('message nacked'));
    channel.emit('return', { properties: { messageId: '2' } });
    channel.sent[1]?.confirm(null);
    expect((await Promise.all(outcomes)).map(({ type }) => type)).toEqual([
      'refused',
      'unroutable',
      'confirmed',
    ]);
  });

  test('no more than the window is in flight', async () => {
    const narrow = publisher({ windowMax: 2 });
    const outcomes = ['1', '2', '3'].map((id) => narrow.publish(message(id)));
    const channel = await opened();
    expect(ids(channel)).toEqual(['1', '2']);
    channel.sent[1]?.confirm(null);
    expect(ids(channel)).toEqual(['1', '2', '3']);
    channel.sent[0]?.confirm(null);
    channel.sent[2]?.confirm(null);
    await Promise.all(outcomes);
  });

  test('a full write buffer holds the next messages back until it has drained, and nothing is sent twice', async () => {
    const first = publisherOfTest.publish(message('1'));
    const channel = await opened();
    channel.isWritable = false;
    const second = publisherOfTest.publish(message('2'));
    const third = publisherOfTest.publish(message('3'));
    expect(ids(channel)).toEqual(['1', '2']);
    channel.isWritable = true;
    channel.emit('drain');
    expect(ids(channel)).toEqual(['1', '2', '3']);
    for (const { confirm } of channel.sent) confirm(null);
    await Promise.all([first, second, third]);
  });

  test('a confirm that does not come in time is a doubt, and its late arrival changes nothing', async () => {
    const impatient = publisher({ windowMax: 1, confirmTimeoutMs: 5 });
    const sent = impatient.publish(message('1'));
    const unsent = impatient.publish(message('2'));
    const channel = await opened();
    expect(await sent).toEqual({ type: 'unconfirmed', cause: 'no confirm within 5 ms' });
    expect((await unsent).type).toBe('refused');
    channel.sent[0]?.confirm(null);
    const again = impatient.publish(message('1'));
    channel.sent[1]?.confirm(null);
    expect(await again).toEqual({ type: 'confirmed' });
  });

  test('a channel closed by the broker leaves its messages in doubt, with the reason, and another one is opened', async () => {
    const narrow = publisher({ windowMax: 1 });
    const outcomes = ['1', '2'].map((id) => narrow.publish(message(id)));
    const first = await opened();
    first.emit('error', new Error('404 no exchange'));
    first.emit('close');
    expect(await outcomes[0]).toEqual({ type: 'unconfirmed', cause: '404 no exchange' });
    while (channels.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const second = await opened();
    second.sent[0]?.confirm(null);
    expect(await outcomes[1]).toEqual({ type: 'confirmed' });
    expect([ids(first), ids(second)]).toEqual([['1'], ['2']]);
  });

  test('with the connection gone, what was not sent is refused', async () => {
    const narrow = publisher({ windowMax: 1 });
    const outcomes = ['1', '2'].map((id) => narrow.publish(message(id)));
    const channel = await opened();
    connectionIsUp = false;
    channel.emit('close');
    expect((await Promise.all(outcomes)).map(({ type }) => type)).toEqual(['unconfirmed', 'refused']);
  });

  test('a message is not published again while it is in flight', async () => {
    const first = publisherOfTest.publish(message('1'));
    expect((await publisherOfTest.publish(message('1'))).type).toBe('refused');
    const channel = await opened();
    channel.sent[0]?.confirm(null);
    expect(await first).toEqual({ type: 'confirmed' });
    expect(ids(channel)).toEqual(['1']);
  });

  test('it is idle once every message is settled', async () => {
    await publisherOfTest.idle();
    const outcome = publisherOfTest.publish(message('1'));
    const idle = publisherOfTest.idle();
    (await opened()).sent[0]?.confirm(null);
    await Promise.all([idle, outcome]);
    expect(publisherOfTest.isIdle()).toBe(true);
  });

  let publisherOfTest: ExchangePublisher;
  beforeEach(() => {
    publisherOfTest = publisher();
  });
});
