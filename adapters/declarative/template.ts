/**
 * What is sent, with what a call is about filled in: `"{memberRef}"`, `order {orderId} | k={key}`, `{points|negated}`.
 * `{{` and `}}` are the braces themselves. A template that is one `{name|number}` becomes a JSON number, digit by digit.
 */
import { createHash } from 'node:crypto';

import type { Decimal } from 'decimal.js';

import { JsonNumber } from '../lossless-json.ts';
import { writePoints } from '../points-text.ts';
import { ExpressionError, EXPRESSION_CHARS_MAX } from './expression-tokens.ts';
import { instantFormats, writeInstant, type InstantFormat } from '../instants.ts';

/** What a variable may be; filters go by it. */
export type Variable = string | Decimal | Date;
export type Variables = Readonly<Record<string, Variable | undefined>>;

export const filters = [
  'negated',
  'minor',
  'fixed',
  'number',
  'sha256',
  'first',
  'second',
  ...instantFormats,
] as const;
export type Filter = (typeof filters)[number];

type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'variable'; readonly name: string; readonly filters: readonly Filter[] };

export interface Template {
  readonly parts: readonly Part[];
}

/** What a template needs besides the variables. */
export interface Rendering {
  readonly variables: Variables;
  readonly scale: number;
  readonly zone: string;
}

const PLACEHOLDER = /\{\{|\}\}|\{([A-Za-z][\w.]*)((?:\|[a-z0-9]+)*)\}|[{}]/g;

/** @throws ExpressionError */
export function parseTemplate(text: string): Template {
  if (text.length > EXPRESSION_CHARS_MAX) throw new ExpressionError('a template is too long', 0);
  const parts: Part[] = [];
  let literal = '';
  let from = 0;
  const flush = (): void => {
    if (literal !== '') parts.push({ type: 'text', text: literal });
    literal = '';
  };
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [whole, name, pipes = ''] = match;
    literal += text.slice(from, match.index);
    from = match.index + whole.length;
    if (whole === '{{' || whole === '}}') literal += whole[0];
    else if (name === undefined)
      throw new ExpressionError(`unexpected ${whole}; a brace itself is doubled`, match.index);
    else {
      flush();
      parts.push({
        type: 'variable',
        name,
        filters: pipes
          .split('|')
          .slice(1)
          .map((pipe) => filterOf(pipe, match.index)),
      });
    }
  }
  literal += text.slice(from);
  flush();
  const becomesNumber = (part: Part): boolean => part.type === 'variable' && part.filters.includes('number');
  if (parts.length > 1 && parts.some(becomesNumber)) {
    throw new ExpressionError('|number stands alone: nothing can be joined to a number', 0);
  }
  return { parts };
}

function filterOf(text: string, at: number): Filter {
  const filter = filters.find((one) => one === text);
  if (filter === undefined)
    throw new ExpressionError(`no filter ${text}; there are ${filters.join(', ')}`, at);
  return filter;
}

export function templateVariables({ parts }: Template): string[] {
  return parts.flatMap((part) => (part.type === 'variable' ? [part.name] : []));
}

/** A request that cannot be made of what is known. */
export class RenderingError extends Error {}

/**
 * Undefined where a variable has no value.
 *
 * @throws RenderingError if a value does not suit a filter
 */
export function render({ parts }: Template, rendering: Rendering): string | JsonNumber | undefined {
  const values: (string | JsonNumber)[] = [];
  for (const part of parts) {
    if (part.type === 'text') values.push(part.text);
    else {
      const value = Object.hasOwn(rendering.variables, part.name)
        ? rendering.variables[part.name]
        : undefined;
      if (value === undefined) return undefined;
      values.push(filtered(part.name, value, part.filters, rendering));
    }
  }
  const [only] = values;
  return values.length === 1 && only !== undefined
    ? only
    : values.map((value) => (typeof value === 'string' ? value : value.text)).join('');
}

function filtered(
  name: string,
  value: Variable,
  pipes: readonly Filter[],
  rendering: Rendering,
): string | JsonNumber {
  const unsuited = (filter: Filter): RenderingError =>
    new RenderingError(`{${name}} does not suit the filter ${filter}`);
  let current: Variable = value;
  for (const filter of pipes) {
    switch (filter) {
      case 'negated':
      case 'minor':
        if (typeof current === 'string' || current instanceof Date) throw unsuited(filter);
        current =
          filter === 'negated' ? current.negated() : minorUnits(current, rendering.scale, unsuited(filter));
        break;
      case 'fixed':
        if (typeof current === 'string' || current instanceof Date) throw unsuited(filter);
        // Refused rather than rounded: other points than were asked for.
        if (current.decimalPlaces() > rendering.scale) throw unsuited(filter);
        current = current.toFixed(rendering.scale);
        break;
      case 'sha256':
        current = createHash('sha256').update(asText(current, rendering.zone)).digest('hex');
        break;
      case 'first':
      case 'second': {
        const parts = asText(current, rendering.zone).split('/');
        const part = parts[filter === 'first' ? 0 : 1];
        // Half a name would be somebody else's.
        if (parts.length !== 2 || part === undefined || part === '') throw unsuited(filter);
        current = part;
        break;
      }
      case 'number': {
        const text = asText(current, rendering.zone);
        if (!/^-?(?:0|[1-9]\d{0,39})(?:\.\d{1,20})?$/.test(text)) throw unsuited(filter);
        return new JsonNumber(text);
      }
      case 'iso':
      case 'seconds':
      case 'milliseconds':
      case 'local':
      case 'date':
        if (!(current instanceof Date)) throw unsuited(filter);
        current = writeInstant(current, filter satisfies InstantFormat, rendering.zone);
        break;
    }
  }
  return asText(current, rendering.zone);
}

function minorUnits(points: Decimal, scale: number, unsuited: RenderingError): Decimal {
  const units = points.times(10 ** scale);
  if (!units.isInteger()) throw unsuited;
  return units;
}

function asText(value: Variable, zone: string): string {
  if (typeof value === 'string') return value.toWellFormed();
  return value instanceof Date ? writeInstant(value, 'iso', zone) : writePoints(value);
}
