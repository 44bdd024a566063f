import type { Fuse, PassingCall } from './fuse.ts';
import { openWire, wholeFrames, type Ends, type Reader, type Wire } from './wire.ts';

/**
 * A wire to RabbitMQ. One call is one method that waits for an answer, one publish with its confirm, one delivery, or
 * one acknowledgement, which has no answer (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, 4.2.3 and 1.8).
 */
export function openAmqpWire(url: URL, fuse: Fuse): Promise<Wire> {
  const target = { host: url.hostname, port: Number(url.port || 5672) };
  return openWire(target, (ends) => new AmqpReader(ends, fuse));
}

const protocolHeaderLength = 8;
const methodFrame = 1;
const method = {
  publish: '60.40',
  deliver: '60.60',
  ack: '60.80',
  reject: '60.90',
  return: '60.50',
  tune: '10.31',
};
/** Nothing comes back for them. */
const unanswered: readonly string[] = [method.ack, method.reject, method.tune];
const methodNames: Readonly<Record<string, string>> = {
  '10.11': 'start',
  '10.31': 'tune',
  '10.40': 'open connection',
  '20.10': 'open channel',
  '40.10': 'declare exchange',
  '50.10': 'declare queue',
  '50.20': 'bind queue',
  '60.10': 'prefetch',
  '60.20': 'consume',
  '20.40': 'close channel',
  '60.30': 'stop consuming',
  '85.10': 'switch confirms on',
};

interface Channel {
  published: number;
  readonly unconfirmed: Map<number, PassingCall>;
  asked: PassingCall | undefined;
}

class AmqpReader implements Reader {
  readonly #ends: Ends;
  readonly #fuse: Fuse;
  readonly #channels = new Map<number, Channel>();
  #isStarted = false;
  #fromProcess: Buffer = Buffer.alloc(0);
  #fromServer: Buffer = Buffer.alloc(0);

  constructor(ends: Ends, fuse: Fuse) {
    this.#ends = ends;
    this.#fuse = fuse;
  }

  fromProcess(bytes: Buffer): void {
    this.#fromProcess = Buffer.concat([this.#fromProcess, bytes]);
    if (!this.#isStarted) {
      if (this.#fromProcess.length < protocolHeaderLength) return;
      this.#isStarted = true;
      this.#ends.toServer(this.#fromProcess.subarray(0, protocolHeaderLength));
      this.#fromProcess = this.#fromProcess.subarray(protocolHeaderLength);
    }
    const { frames, rest } = wholeFrames(this.#fromProcess, 7, frameLength);
    this.#fromProcess = rest;
    for (const frame of frames) if (!this.#leaves(frame)) return;
  }

  /** @returns whether the process lives on */
  #leaves(frame: Buffer): boolean {
    const name = methodOf(frame);
    if (name === undefined) {
      this.#ends.toServer(frame);
      return true;
    }
    const channel = this.#channelOf(frame);
    const call = this.#fuse.leaves(`amqp: ${kindOf(name)}`);
    if (call === undefined) return false;
    this.#ends.toServer(frame);
    if (unanswered.includes(name)) return call.answered();
    if (name === method.publish) {
      channel.published += 1;
      channel.unconfirmed.set(channel.published, call);
    } else channel.asked = call;
    return true;
  }

  fromServer(bytes: Buffer): void {
    this.#fromServer = Buffer.concat([this.#fromServer, bytes]);
    const { frames, rest } = wholeFrames(this.#fromServer, 7, frameLength);
    this.#fromServer = rest;
    for (const frame of frames) {
      if (!this.#arrives(frame)) return;
      this.#ends.toProcess(frame);
    }
  }

  /** @returns whether the process lives to see it */
  #arrives(frame: Buffer): boolean {
    const name = methodOf(frame);
    const channel = this.#channelOf(frame);
    if (name === undefined || name === method.return) return true;
    if (name === method.deliver) return this.#fuse.leaves('amqp: delivery')?.answered() ?? false;
    if (name === method.ack) {
      // The body is class, method, delivery tag, and whether it speaks for all up to it.
      const [tag, isMultiple] = [Number(frame.readBigUInt64BE(11)), (frame[19] ?? 0) === 1];
      const confirmed = [...channel.unconfirmed].filter(([n]) => n === tag || (isMultiple && n < tag));
      return confirmed.every(([number, call]) => {
        channel.unconfirmed.delete(number);
        return call.answered();
      });
    }
    const { asked } = channel;
    channel.asked = undefined;
    return asked?.answered() ?? true;
  }

  #channelOf(frame: Buffer): Channel {
    const number = frame.readUInt16BE(1);
    const channel = this.#channels.get(number) ?? { published: 0, unconfirmed: new Map(), asked: undefined };
    this.#channels.set(number, channel);
    return channel;
  }
}

/** Type, channel and size; the payload; one octet at the end. */
function frameLength(head: Buffer): number {
  return 7 + head.readUInt32BE(3) + 1;
}

function methodOf(frame: Buffer): string | undefined {
  return frame[0] === methodFrame ? `${frame.readUInt16BE(7)}.${frame.readUInt16BE(9)}` : undefined;
}

function kindOf(name: string): string {
  switch (name) {
    case method.publish:
      return 'publish';
    case method.ack:
      return 'acknowledge';
    case method.reject:
      return 'reject';
    default:
      return methodNames[name] ?? `method ${name}`;
  }
}
