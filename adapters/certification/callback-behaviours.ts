/** What the channel sends by itself: C18, C39 to C41, C44 to C46. */
import { createHmac } from 'node:crypto';

import type { ChannelDescription } from '../channel-description.ts';
import type { CallbackEvent, CallbackReader, CallbackRefusal } from '../contract.ts';
import type { Path } from '../declarative/path.ts';
import { hold, type Behaviour, type Subject } from './behaviour.ts';
import type { Bench } from './bench.ts';

function needsSigned({ description }: Subject): string | undefined {
  switch (description.callback.trust) {
    case 'none':
      return 'the channel sends no callbacks';
    case 'unsigned':
      return 'its callbacks are not signed, so they are hints whatever they say';
    case 'signed':
      return undefined;
  }
}

/** White space inside and a number that re-serialising would write in another way. */
function bodyOf(description: ChannelDescription, key: string): string {
  const form = formOf(description);
  if (form === undefined) return `{ "key": "${key}", "padding": 1.0 }`;
  const body: Record<string, unknown> = { padding: 1 };
  if (form.key !== undefined) place(body, form.key, key);
  else if (form.remoteId !== undefined) place(body, form.remoteId, key);
  if (form.eventId !== undefined) place(body, form.eventId, 'event-1');
  return JSON.stringify(body, undefined, 1).replace('"padding": 1', '"padding": 1.0');
}

function place(body: Record<string, unknown>, { steps }: Path, value: string): void {
  let inner: Record<string | number, unknown> = body;
  steps.forEach((step, index) => {
    const isLast = index === steps.length - 1;
    inner[step] ??= isLast ? value : typeof steps[index + 1] === 'number' ? [] : {};
    if (!isLast) inner = inner[step] as Record<string | number, unknown>;
  });
}

function formOf(description: ChannelDescription) {
  return description.adapter === 'declarative' ? description.callbackForm : undefined;
}

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Signed as the channel would with the secret in `variable`. */
function signed(
  { description }: Pick<Bench, 'description'>,
  env: Readonly<Record<string, string>>,
  variable: string,
  body: string,
  awaySeconds = 0,
): Sent {
  const secret = env[variable] ?? '';
  const seconds = String(Math.floor(Date.now() / 1_000) + awaySeconds);
  const signature = formOf(description)?.signature;
  if (signature === undefined) {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const digest = createHmac('sha256', key).update(`event-1.${seconds}.${body}`).digest('base64');
    const headers = {
      'webhook-id': 'event-1',
      'webhook-timestamp': seconds,
      'webhook-signature': `v1,${digest}`,
    };
    return { headers, body };
  }
  const values = description.adapter === 'declarative' ? description.values : {};
  const text = signature.canonical.replace(/\{([\w.]+)\}/g, (_, name: string) => {
    if (name === 'body') return body;
    if (name === 'timestamp') return seconds;
    const value = values[name.slice('values.'.length)] ?? '';
    return value.startsWith('env:') ? (env[value.slice('env:'.length)] ?? '') : value;
  });
  const digest = createHmac('sha256', secret).update(text).digest(signature.encoding);
  const timed = signature.timestampHeader === undefined ? {} : { [signature.timestampHeader]: seconds };
  return { headers: { [signature.header]: digest, ...timed }, body };
}

function read(reader: CallbackReader, { headers, body }: Sent): CallbackEvent | CallbackRefusal {
  return reader.read({ headers, octets: Buffer.from(body), receivedAt: new Date() });
}

/** The reader, a body, and the variables of its secrets. */
function setUp(bench: Bench, env: Readonly<Record<string, string>>) {
  const { callback } = bench.description;
  if (callback.trust !== 'signed') throw new TypeError('only for signed callbacks');
  const reader = bench.openCallbackReader(env);
  hold(reader !== undefined, () => 'there is no reader of callbacks');
  const body = bodyOf(bench.description, bench.newKey());
  return {
    reader: reader as CallbackReader,
    body,
    current: callback.secretEnv,
    previous: callback.previousSecretEnv,
    toleranceSeconds: callback.toleranceSeconds,
  };
}

/** In the middle, since the last letter of base64 may be another and mean the same. */
function alteredText(text: string): string {
  const middle = Math.floor(text.length / 2);
  const at = text.slice(0, middle + 1).search(/[0-9A-Za-z][^0-9A-Za-z]*$/);
  return `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
}

/** Near enough to the bound to find one that is off, far enough for the time that a check takes. */
const NEARLY_SECONDS = 20;

function isTimed(description: ChannelDescription): boolean {
  const form = formOf(description)?.signature;
  return form === undefined || form.timestampHeader !== undefined;
}

export const CALLBACK_BEHAVIOURS: readonly Behaviour[] = [
  {
    id: 'C18',
    rule: 'the clocks of channel and hub may differ by the tolerance and no more, either way',
    notFor: (subject) =>
      needsSigned(subject) ?? (isTimed(subject.description) ? undefined : 'its callbacks carry no time'),
    attempt: (bench, env) => {
      const { reader, body, current, toleranceSeconds } = setUp(bench, env);
      const near = Math.min(NEARLY_SECONDS, Math.floor(toleranceSeconds / 2));
      for (const way of [1, -1]) {
        const within = way * (toleranceSeconds - near);
        const inTime = read(reader, signed(bench, env, current, body, within));
        hold(inTime.type === 'event', () => `one of ${within} s away is refused`);
        const beyond = way * (toleranceSeconds + near);
        const stale = read(reader, signed(bench, env, current, body, beyond));
        hold(stale.type === 'refused', () => `one of ${beyond} s away is let in`);
      }
      return Promise.resolve();
    },
  },
  {
    id: 'C39',
    rule: 'a callback with an altered body, signature or time is refused',
    notFor: needsSigned,
    attempt: async (bench, env) => {
      const { reader, body, current } = setUp(bench, env);
      const good = signed(bench, env, current, body);
      hold(read(reader, good).type === 'event', () => 'one that was not altered is refused');
      hold(read(reader, { ...good, body: `${body} ` }).type === 'refused', () => 'an altered body is let in');
      for (const name of Object.keys(good.headers)) {
        const value = good.headers[name] ?? '';
        const altered = { ...good.headers, [name]: alteredText(value) };
        hold(
          read(reader, { ...good, headers: altered }).type === 'refused',
          () => `an altered ${name} is let in`,
        );
        const { [name]: _without, ...rest } = good.headers;
        hold(
          read(reader, { ...good, headers: rest }).type === 'refused',
          () => `it is let in without ${name}`,
        );
      }
      return Promise.resolve();
    },
  },
  {
    id: 'C40',
    rule: 'while secrets change over the previous one is believed, too',
    notFor: (subject) => {
      const { callback } = subject.description;
      if (callback.trust !== 'signed') return needsSigned(subject);
      return callback.previousSecretEnv === undefined ? 'callback.previousSecretEnv is not given' : undefined;
    },
    attempt: (bench, env) => {
      const { reader, body, previous = '' } = setUp(bench, env);
      const said = read(reader, signed(bench, env, previous, body));
      hold(said.type === 'event', () => 'one signed with the previous secret is refused');
      return Promise.resolve();
    },
  },
  {
    id: 'C41',
    rule: 'a callback that comes again has the same event id and body hash, and another has another',
    notFor: needsSigned,
    attempt: (bench, env) => {
      const { reader, body, current } = setUp(bench, env);
      const [first, second] = [0, 1].map(() => read(reader, signed(bench, env, current, body)));
      hold(
        first?.type === 'event' &&
          second?.type === 'event' &&
          first.eventId === second.eventId &&
          first.digest === second.digest,
        () => 'the second is taken for another event',
      );
      const more = read(reader, signed(bench, env, current, body.replace('1.0', '2.0')));
      hold(
        first?.type === 'event' && more.type === 'event' && more.digest !== first.digest,
        () => 'another body is taken for the same event',
      );
      return Promise.resolve();
    },
  },
  {
    id: 'C44',
    rule: 'a callback about a key that is not known is let in for the hub to keep',
    notFor: needsSigned,
    attempt: (bench, env) => {
      const { reader, body, current } = setUp(bench, env);
      const said = read(reader, signed(bench, env, current, body));
      hold(said.type === 'event' && said.isSigned, () => 'it is refused');
      return Promise.resolve();
    },
  },
  {
    id: 'C45',
    rule: 'a callback is acknowledged as the description says, to the byte',
    notFor: (subject) =>
      formOf(subject.description)?.acknowledge === undefined
        ? subject.description.callback.trust === 'none'
          ? 'the channel sends no callbacks'
          : '204 is enough for the channel'
        : undefined,
    attempt: (bench, env) => {
      const wanted = formOf(bench.description)?.acknowledge;
      const given = bench.openCallbackReader(env)?.acknowledgement;
      hold(
        given?.body === wanted?.body && given?.status === wanted?.status,
        () => `it is ${JSON.stringify(given)}`,
      );
      return Promise.resolve();
    },
  },
  {
    id: 'C46',
    rule: 'the signature is of the octets that came in, not of what they parse to',
    notFor: needsSigned,
    attempt: (bench, env) => {
      const { reader, body, current } = setUp(bench, env);
      const good = signed(bench, env, current, body);
      hold(read(reader, good).type === 'event', () => 'a body with white space and 1.0 in it is refused');
      const rewritten = JSON.stringify(JSON.parse(body));
      hold(
        read(reader, { ...good, body: rewritten }).type === 'refused',
        () => 'the same JSON, written anew, is let in',
      );
      const other = signed(bench, env, current, rewritten);
      hold(
        read(reader, { ...other, body }).type === 'refused',
        () => 'what was signed written anew is let in as it was',
      );
      return Promise.resolve();
    },
  },
];
