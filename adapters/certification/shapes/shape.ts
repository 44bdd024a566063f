/** Channels to certify against: each speaks like one public API and keeps books of its own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Decimal } from 'decimal.js';

import type { ChannelDescription } from '../../channel-description.ts';
import { parseJson, type JsonValue } from '../../lossless-json.ts';
import { ShapeBooks, type BooksOptions } from './shape-books.ts';

export interface ShapeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Numbers keep their digits. */
  readonly json: JsonValue | undefined;
}
export interface ShapeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; absent: no body. */
  readonly body?: unknown;
}

/** One public API as a server would speak it. Sources are named where each is defined. */
export interface Shape {
  readonly name: string;
  /** What the API's own document promises, in `../documents`. */
  readonly document: string;
  /** What it demands of values that the environment would hold, where not everything is right. */
  readonly values?: Readonly<Record<string, string>>;
  /** Whether the description is of this API. */
  speaks(description: ChannelDescription): boolean;
  /** What the channel itself says no to: more given back than was taken, or what was never taken. */
  readonly capsRefunds: boolean;
  /** What the API calls a member that it knows, and one that it does not know, if it tells. */
  readonly member: string;
  readonly stranger: string | undefined;
  /** How the API says that a key was used before, where it then does not say what came of it. */
  readonly duplicate?: ShapeAnswer;
  answer(request: ShapeRequest, books: ShapeBooks): ShapeAnswer;
}

/** A channel that is being played. */
export interface PlayedChannel {
  readonly origin: string;
  /** Of the channel in it. */
  readonly path: string;
  readonly shape: Pick<Shape, 'name' | 'capsRefunds' | 'member' | 'stranger' | 'duplicate' | 'values'> & {
    /** Whether it is the channel's own environment, where every deduction costs something. */
    readonly isOwn: boolean;
    /** Whether it can be made to move another amount than it was asked to. */
    readonly slips: boolean;
  };
  /** Who hands out OAuth tokens. */
  readonly tokensFrom: 'sandbox' | 'channel';
  readonly opening: Decimal;
  /** Deducted from the member and not given back, by the channel's books. */
  moved(): Promise<Decimal>;
  /** The channel's id of the last effect, where its books tell. */
  lastId(): string | undefined;
  /** The next effect moves this much more than it was asked to. */
  slipOnce(by: Decimal): Promise<void>;
  close(): Promise<void>;
}

export const OPENING = new Decimal(1_000);

export async function playShape(
  shape: Shape,
  scale: number,
  options: BooksOptions & { readonly opening?: Decimal } = {},
): Promise<PlayedChannel> {
  const books = new ShapeBooks(scale, options.opening ?? OPENING, options);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://shape');
      const body = Buffer.concat(chunks).toString('utf8');
      const asked: ShapeRequest = {
        method: request.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers as Record<string, string | undefined>,
        json: parseJson(body),
      };
      const answer = url.pathname === TOKEN_PATH ? TOKEN : shape.answer(asked, books);
      const text = answer.body === undefined ? undefined : JSON.stringify(answer.body);
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    path: '',
    tokensFrom: 'sandbox',
    shape: { ...shape, slips: true, isOwn: false },
    opening: books.opening,
    moved: () => Promise.resolve(books.moved(shape.member)),
    lastId: () => books.effects.at(-1)?.id,
    slipOnce: (by) => Promise.resolve(books.slipOnce(by)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Where every played channel hands out OAuth tokens. */
export const TOKEN_PATH = '/oauth/token';
const TOKEN: ShapeAnswer = {
  status: 200,
  body: { access_token: 'certification-token', token_type: 'Bearer', expires_in: 3_600 },
};

/** The path of a described deduction, as it is written. */
export function deductPath(description: ChannelDescription): string {
  return description.adapter === 'declarative' ? description.operations.deduct.request.path.shown : '';
}
