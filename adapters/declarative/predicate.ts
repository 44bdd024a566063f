/**
 * Whether an answer is of a kind: `$.status == 'completed' and $.key == key`.
 *
 *     predicate := and { 'or' and }          and := not { 'and' not }
 *     not       := [ 'not' ] primary         primary := '(' predicate ')' | 'empty' | comparison
 *     comparison := operand ( 'exists' | ( '==' | '!=' | 'contains' ) operand | 'in' '[' operand { ',' operand } ']' )
 *     operand   := path | 'text' | number | true | false | null | variable
 *
 * A missing value is like nothing, not even like another missing one: every comparison with it is false, `!=` too.
 * Numbers compare by value, whatever their digits; a string never equals a number.
 */
import { Decimal } from 'decimal.js';

import { JsonNumber, type JsonValue } from '../lossless-json.ts';
import { ExpressionError, TokenReader } from './expression-tokens.ts';
import { readPath, valueAt, type AnswerView, type Path } from './path.ts';

type Operand =
  | { readonly type: 'path'; readonly path: Path }
  | { readonly type: 'literal'; readonly value: JsonValue }
  | { readonly type: 'variable'; readonly name: string };

export type Predicate =
  | { readonly type: 'and' | 'or'; readonly left: Predicate; readonly right: Predicate }
  | { readonly type: 'not'; readonly inner: Predicate }
  | { readonly type: 'empty' }
  | { readonly type: 'exists'; readonly operand: Operand }
  | { readonly type: '==' | '!=' | 'contains'; readonly left: Operand; readonly right: Operand }
  | { readonly type: 'in'; readonly operand: Operand; readonly list: readonly Operand[] };

/** What a call was about, as text; a variable that it does not have is missing. */
export type TextVariables = Readonly<Record<string, string | undefined>>;

const DEPTH_MAX = 16;

/** @throws ExpressionError */
export function parsePredicate(text: string): Predicate {
  const reader = new TokenReader(text);
  const predicate = readOr(reader, 0);
  reader.end();
  return predicate;
}

function readOr(reader: TokenReader, depth: number): Predicate {
  if (depth > DEPTH_MAX)
    throw new ExpressionError(`${DEPTH_MAX} levels of brackets at most`, reader.peek()?.at ?? 0);
  let left = readAnd(reader, depth);
  while (reader.takeIf('word', 'or')) left = { type: 'or', left, right: readAnd(reader, depth) };
  return left;
}

function readAnd(reader: TokenReader, depth: number): Predicate {
  let left = readNot(reader, depth);
  while (reader.takeIf('word', 'and')) left = { type: 'and', left, right: readNot(reader, depth) };
  return left;
}

function readNot(reader: TokenReader, depth: number): Predicate {
  if (reader.takeIf('word', 'not')) return { type: 'not', inner: readPrimary(reader, depth) };
  return readPrimary(reader, depth);
}

function readPrimary(reader: TokenReader, depth: number): Predicate {
  if (reader.takeIf('symbol', '(')) {
    const inner = readOr(reader, depth + 1);
    reader.expect(')');
    return inner;
  }
  if (reader.takeIf('word', 'empty')) return { type: 'empty' };
  const operand = readOperand(reader);
  const operator = reader.take('exists, ==, !=, contains or in');
  if (operator.type === 'word' && operator.text === 'exists') return { type: 'exists', operand };
  if (operator.type === 'word' && operator.text === 'in') {
    reader.expect('[');
    const list = [readOperand(reader)];
    while (reader.takeIf('symbol', ',')) list.push(readOperand(reader));
    reader.expect(']');
    return { type: 'in', operand, list };
  }
  const { text } = operator;
  if (operator.type !== 'string' && (text === '==' || text === '!=' || text === 'contains')) {
    return { type: text, left: operand, right: readOperand(reader) };
  }
  throw new ExpressionError('expected exists, ==, !=, contains or in', operator.at);
}

const LITERALS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function readOperand(reader: TokenReader): Operand {
  const token = reader.peek();
  if (token === undefined || token.text === '$' || token.text === 'headers') {
    return { type: 'path', path: readPath(reader) };
  }
  reader.take('an operand');
  switch (token.type) {
    case 'string':
      return { type: 'literal', value: token.text };
    case 'number':
      return { type: 'literal', value: new JsonNumber(token.text) };
    case 'word': {
      const value = LITERALS.get(token.text);
      return value === undefined ? { type: 'variable', name: token.text } : { type: 'literal', value };
    }
    case 'symbol':
      throw new ExpressionError(`unexpected ${JSON.stringify(token.text)}`, token.at);
  }
}

/** The variables that a predicate names, to be checked against those that there will be. */
export function variablesOf(predicate: Predicate): string[] {
  const named = (operand: Operand): string[] => (operand.type === 'variable' ? [operand.name] : []);
  switch (predicate.type) {
    case 'and':
    case 'or':
      return [...variablesOf(predicate.left), ...variablesOf(predicate.right)];
    case 'not':
      return variablesOf(predicate.inner);
    case 'empty':
      return [];
    case 'exists':
      return named(predicate.operand);
    case '==':
    case '!=':
    case 'contains':
      return [...named(predicate.left), ...named(predicate.right)];
    case 'in':
      return [predicate.operand, ...predicate.list].flatMap(named);
  }
}

/** Never throws, whatever the answer holds. */
export function holds(predicate: Predicate, view: AnswerView, variables: TextVariables): boolean {
  const value = (operand: Operand): JsonValue | undefined => valueOf(operand, view, variables);
  switch (predicate.type) {
    case 'and':
      return holds(predicate.left, view, variables) && holds(predicate.right, view, variables);
    case 'or':
      return holds(predicate.left, view, variables) || holds(predicate.right, view, variables);
    case 'not':
      return !holds(predicate.inner, view, variables);
    case 'empty':
      return view.isEmpty;
    case 'exists':
      return value(predicate.operand) !== undefined;
    case '==':
      return equal(value(predicate.left), value(predicate.right)) === true;
    case '!=':
      return equal(value(predicate.left), value(predicate.right)) === false;
    case 'contains':
      return contains(value(predicate.left), value(predicate.right));
    case 'in': {
      const sought = value(predicate.operand);
      return predicate.list.some((one) => equal(sought, value(one)) === true);
    }
  }
}

function valueOf(operand: Operand, view: AnswerView, variables: TextVariables): JsonValue | undefined {
  switch (operand.type) {
    case 'path':
      return valueAt(operand.path, view);
    case 'literal':
      return operand.value;
    case 'variable':
      return Object.hasOwn(variables, operand.name) ? variables[operand.name] : undefined;
  }
}

/** Longer numbers are nobody's code, id or amount. */
const COMPARED_DIGITS_MAX = 64;

/** Undefined where one of the two is missing. Lists and objects equal nothing. */
function equal(one: JsonValue | undefined, other: JsonValue | undefined): boolean | undefined {
  if (one === undefined || other === undefined) return undefined;
  if (one instanceof JsonNumber && other instanceof JsonNumber) {
    if (Math.max(one.text.length, other.text.length) > COMPARED_DIGITS_MAX) return one.text === other.text;
    return new Decimal(one.text).eq(other.text);
  }
  return typeof one !== 'object' || one === null ? one === other : false;
}

function contains(whole: JsonValue | undefined, part: JsonValue | undefined): boolean {
  return typeof whole === 'string' && typeof part === 'string' && part !== '' && whole.includes(part);
}
