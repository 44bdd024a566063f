import type { Fuse, PassingCall } from './fuse.ts';
import { openWire, wholeFrames, type Ends, type Reader, type Wire } from './wire.ts';

/**
 * A wire to Postgres. One call is one statement: from its first message to the server's ReadyForQuery
 * (https://www.postgresql.org/docs/18/protocol-message-formats.html). Statements that come before those ahead of them are
 * answered wait here, so that the process may die between any two.
 */
export function openPostgresWire(url: URL, fuse: Fuse): Promise<Wire> {
  const target = { host: url.hostname, port: Number(url.port || 5432) };
  return openWire(target, (ends) => new PostgresReader(ends, fuse));
}

const frontend = { query: 0x51, parse: 0x50, bind: 0x42, sync: 0x53, password: 0x70, terminate: 0x58 };
const backend = { readyForQuery: 0x5a, dataRow: 0x44 };

class PostgresReader implements Reader {
  readonly #ends: Ends;
  readonly #fuse: Fuse;
  readonly #textByName = new Map<string, string>();
  #isStarted = false;
  #asked: Buffer = Buffer.alloc(0);
  #request: Buffer[] = [];
  readonly #requests: { readonly text: string; readonly frames: readonly Buffer[] }[] = [];
  #text = '';
  #answered: Buffer = Buffer.alloc(0);
  #answer: Buffer[] = [];
  #hasRows = false;
  #passing: { readonly kind: string; readonly call: PassingCall } | undefined;
  /** The kinds of the open transaction's statements. */
  #transaction: string[] | undefined;

  constructor(ends: Ends, fuse: Fuse) {
    this.#ends = ends;
    this.#fuse = fuse;
  }

  fromProcess(bytes: Buffer): void {
    this.#asked = Buffer.concat([this.#asked, bytes]);
    if (!this.#isStarted) {
      // The start-up message has no type.
      if (this.#asked.length < 4 || this.#asked.length < this.#asked.readUInt32BE(0)) return;
      const length = this.#asked.readUInt32BE(0);
      this.#ends.toServer(this.#asked.subarray(0, length));
      this.#asked = this.#asked.subarray(length);
      this.#isStarted = true;
    }
    const { frames, rest } = wholeFrames(this.#asked, 5, (head) => 1 + head.readUInt32BE(1));
    this.#asked = rest;
    for (const frame of frames) this.#ask(frame);
  }

  #ask(frame: Buffer): void {
    const [type] = frame;
    if (type === frontend.password || type === frontend.terminate) return this.#ends.toServer(frame);
    this.#request.push(frame);
    if (type === frontend.query) this.#text = stringAt(frame, 5);
    if (type === frontend.parse) {
      const name = stringAt(frame, 5);
      this.#text = stringAt(frame, 5 + Buffer.byteLength(name) + 1);
      this.#textByName.set(name, this.#text);
    }
    if (type === frontend.bind) {
      const portal = stringAt(frame, 5);
      const name = stringAt(frame, 5 + Buffer.byteLength(portal) + 1);
      this.#text = this.#textByName.get(name) ?? name;
    }
    if (type !== frontend.query && type !== frontend.sync) return;
    this.#requests.push({ text: this.#text, frames: this.#request.splice(0) });
    if (this.#passing === undefined) this.#pass();
  }

  #pass(): void {
    const request = this.#requests.shift();
    if (request === undefined) return;
    const kind = this.#kindOf(request.text);
    const call = this.#fuse.leaves(kind);
    if (call === undefined) return;
    this.#passing = { kind, call };
    for (const one of request.frames) this.#ends.toServer(one);
  }

  #kindOf(text: string): string {
    if (/^\s*begin/i.test(text)) {
      this.#transaction = [];
      // Settings come with it; the relay's bound its time.
      return text.includes('statement_timeout') ? 'sql: begin a batch' : 'sql: begin';
    }
    if (/^(commit|rollback)/i.test(text)) {
      const done = this.#transaction?.at(-1) ?? 'nothing';
      this.#transaction = undefined;
      return `sql: ${text.toLowerCase().replace(';', '')} after ${done}`;
    }
    const kind = statementKinds.find(([pattern]) => pattern.test(text))?.[1] ?? oneLine(text);
    this.#transaction?.push(kind);
    return `sql: ${kind}`;
  }

  fromServer(bytes: Buffer): void {
    if (this.#passing === undefined) return this.#ends.toProcess(bytes);
    this.#answered = Buffer.concat([this.#answered, bytes]);
    const { frames, rest } = wholeFrames(this.#answered, 5, (head) => 1 + head.readUInt32BE(1));
    this.#answered = rest;
    for (const frame of frames) {
      this.#answer.push(frame);
      if (frame[0] === backend.dataRow) this.#hasRows = true;
      if (frame[0] === backend.readyForQuery) this.#finish();
    }
  }

  #finish(): void {
    const passing = this.#passing;
    const found = this.#hasRows ? ', found some' : '';
    this.#passing = undefined;
    this.#hasRows = false;
    if (passing?.call.answered(`${passing.kind}${found}`) === false) return;
    for (const one of this.#answer.splice(0)) this.#ends.toProcess(one);
    this.#pass();
  }
}

/** Statements by what they are for; others go by their first words. */
const statementKinds: readonly (readonly [RegExp, string])[] = [
  [/from hub\.orders\s+where id = any .*for update/s, 'lock orders'],
  [/from hub\.deductions\s+where order_id = any/s, 'read deductions'],
  [/with written_/, 'write a settlement'],
  [/secret_hash/, 'look a key up'],
  [/pg_advisory_xact_lock/, 'lock the shares'],
  [/delete from hub\.call_shares/, 'drop shares'],
  [/with wishes as/, 'renew shares'],
  [/insert into hub\.orders/, 'place an order'],
  [/where claimed_until is null and available_at <= now\(\)/, 'take messages'],
  [/delete from outbox\.messages/, 'delete messages'],
  [/update outbox\.messages/, 'postpone messages'],
  [/with overdue as/, 'wake the overdue'],
  [/deadline_at <= now\(\)/, 'find orders past their deadline'],
  [/left join hub\.channel_states/, 'read the breakers'],
  [/select remote\s+from hub\.channel_states/, 'find the remotes that are away'],
  [/with due as \(\s+select id, channel, kind/, 'sweep callbacks'],
  [/delete from hub\.callbacks/, 'forget callbacks'],
];

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').slice(0, 60);
}

function stringAt(frame: Buffer, start: number): string {
  return frame.toString('utf8', start, frame.indexOf(0, start));
}
