/** The words of paths and predicates. Everything that is not one of these is an error with its place. */

export type Token =
  | { readonly type: 'symbol'; readonly text: string; readonly at: number }
  | { readonly type: 'word'; readonly text: string; readonly at: number }
  | { readonly type: 'string'; readonly text: string; readonly at: number }
  | { readonly type: 'number'; readonly text: string; readonly at: number };

/** An expression that is none. `at` counts characters from 1. */
export class ExpressionError extends Error {
  constructor(reason: string, at: number) {
    super(`${reason} at character ${at + 1}`);
    this.name = 'ExpressionError';
  }
}

export const EXPRESSION_CHARS_MAX = 1_000;

/** Alternatives without nested repetition: time grows with the length and nothing else. */
const TOKEN =
  /\s*(?:(?<symbol>==|!=|[$.,()[\]|])|(?<word>[A-Za-z_][\w-]*)|'(?<string>[^']*)'|(?<number>-?\d{1,40}(?:\.\d{1,40})?))/y;

/** @throws ExpressionError */
function tokensOf(text: string): Token[] {
  if (text.length > EXPRESSION_CHARS_MAX) {
    throw new ExpressionError(`an expression is ${EXPRESSION_CHARS_MAX} characters at most; too long`, 0);
  }
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined)
      throw new ExpressionError(`unexpected ${JSON.stringify(text.slice(at).trim()[0])}`, at);
    const { symbol, word, string, number } = groups;
    if (symbol !== undefined) tokens.push({ type: 'symbol', text: symbol, at });
    else if (word !== undefined) tokens.push({ type: 'word', text: word, at });
    else if (string !== undefined) tokens.push({ type: 'string', text: string, at });
    else tokens.push({ type: 'number', text: number ?? '', at });
  }
  return tokens;
}

/** Reads tokens one after the other. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  readonly #endsAt: number;
  #next = 0;

  /** @throws ExpressionError */
  constructor(text: string) {
    this.#tokens = tokensOf(text);
    this.#endsAt = text.length;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  /** @throws ExpressionError at the end */
  take(expected: string): Token {
    const token = this.peek();
    if (token === undefined) throw new ExpressionError(`expected ${expected}`, this.#endsAt);
    this.#next += 1;
    return token;
  }

  /** Takes the next token if it is this symbol or word. */
  takeIf(type: 'symbol' | 'word', text: string): boolean {
    const token = this.peek();
    if (token?.type !== type || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  /** @throws ExpressionError */
  expect(symbol: string): void {
    const at = this.peek()?.at ?? this.#endsAt;
    if (!this.takeIf('symbol', symbol)) throw new ExpressionError(`expected ${symbol}`, at);
  }

  /** @throws ExpressionError if anything is left */
  end(): void {
    const token = this.peek();
    if (token !== undefined) throw new ExpressionError(`unexpected ${JSON.stringify(token.text)}`, token.at);
  }
}
