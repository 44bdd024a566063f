/**
 * Where something stands in an answer: `$.data.items[0].id`, `$['a name']`, `headers.idempotency-hit`. A path names
 * fields and positions and nothing else: no wildcards, no filters, no functions, no inherited properties.
 */
import { fieldOf, type JsonValue } from '../lossless-json.ts';
import { ExpressionError, type Token, type TokenReader } from './expression-tokens.ts';

export interface Path {
  readonly root: 'body' | 'headers';
  readonly steps: readonly (string | number)[];
}

/** An answer, or one entry of the list in it, as expressions see it. */
export interface AnswerView {
  /** Undefined where the answer is no JSON. */
  readonly body: JsonValue | undefined;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body has not one octet. */
  readonly isEmpty: boolean;
}

const STEPS_MAX = 16;

/** @throws ExpressionError */
export function readPath(reader: TokenReader): Path {
  const first = reader.take('$ or headers');
  const root = rootOf(first);
  const steps: (string | number)[] = [];
  for (;;) {
    const at = reader.peek()?.at ?? 0;
    if (steps.length > STEPS_MAX)
      throw new ExpressionError(`a path has ${STEPS_MAX} steps at most; too long`, at);
    if (reader.takeIf('symbol', '.')) {
      const name = reader.take('a field name');
      if (name.type !== 'word') throw new ExpressionError('expected a field name', name.at);
      steps.push(name.text);
    } else if (reader.takeIf('symbol', '[')) {
      const step = reader.take("a position or 'a name'");
      if (step.type === 'string') steps.push(step.text);
      else if (step.type === 'number' && /^\d{1,6}$/.test(step.text)) steps.push(Number(step.text));
      else throw new ExpressionError("expected a position or 'a name'", step.at);
      reader.expect(']');
    } else break;
  }
  if (root === 'body') return { root, steps };
  const [name] = steps;
  if (steps.length !== 1 || typeof name !== 'string')
    throw new ExpressionError('a header is headers.NAME', first.at);
  return { root, steps: [name.toLowerCase()] };
}

function rootOf(token: Token): Path['root'] {
  if (token.type === 'symbol' && token.text === '$') return 'body';
  if (token.type === 'word' && token.text === 'headers') return 'headers';
  throw new ExpressionError('expected $ or headers', token.at);
}

/** Undefined where there is no such thing. */
export function valueAt({ root, steps }: Path, view: AnswerView): JsonValue | undefined {
  let value: JsonValue | undefined = root === 'body' ? view.body : view.headers;
  for (const step of steps) {
    if (typeof step === 'number')
      value = Array.isArray(value) ? (value as readonly JsonValue[])[step] : undefined;
    else value = fieldOf(value, step);
  }
  return value;
}
