import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';

import { readInstant, writeInstant } from '../instants.ts';
import { JsonNumber, parseJson, writeJson } from '../lossless-json.ts';
import { ExpressionError } from './expression-tokens.ts';
import type { AnswerView } from './path.ts';
import { holds, parsePredicate } from './predicate.ts';
import { parseTemplate, render, RenderingError, type Variables } from './template.ts';
import { instantIn, parseInstantValue, parsePath, parsePointsValue, pointsIn, remoteIdIn } from './value.ts';

const view = (body: string, headers: Record<string, string> = {}): AnswerView => ({
  body: parseJson(body),
  headers,
  isEmpty: body === '',
});
const filled = (text: string, variables: Variables, scale = 2, zone = 'UTC') =>
  render(parseTemplate(text), { variables, scale, zone });

describe('a predicate', () => {
  const body = view('{"status":"ok","n":9007199254740993,"list":[{"id":"a"}],"none":null,"on":true}', {
    hit: 'true',
  });

  test.each([
    ["$.status == 'ok'", true],
    ["$.status != 'ok'", false],
    ["$['status'] contains 'o'", true],
    ['$.list[0].id == key', true],
    ['$.list[1].id exists', false],
    ['$.n == 9007199254740993', true],
    ['$.n == 9007199254740993.0', true],
    ['$.n == 9007199254740992', false],
    ["$.n == '9007199254740993'", false],
    ['$.none == null and $.on == true', true],
    ['$.none exists', true],
    ["$.missing != 'x'", false],
    ["not ($.missing == 'x')", true],
    ["$.status in ['no', 'ok']", true],
    ["$.status == 'no' or $.status == 'ok' and $.on == false", false],
    ["($.status == 'no' or $.status == 'ok') and $.on == true", true],
    ["headers.Hit == 'true'", true],
    ['$.constructor exists or $.__proto__ exists or $.list.length exists', false],
    ['empty', false],
  ])('%s is %s', (text, expected) => {
    expect(holds(parsePredicate(text), body, { key: 'a' })).toBe(expected);
  });

  test.each([
    '',
    '$',
    '$.a ==',
    '$.a = 1',
    "$.a == 'x",
    '$.a == 1 and',
    '(((',
    '$..a exists',
    '$[x] exists',
    '$.a()',
    'headers exists',
    "$.a matches 'x'",
  ])('%j is none', (text) => expect(() => parsePredicate(text)).toThrow(ExpressionError));

  test('is read or refused in no time, whatever is written', () => {
    const symbols = fc.constantFrom(
      '$',
      '.a',
      '[0]',
      '(',
      ')',
      ' and ',
      ' or ',
      'not ',
      '==',
      "'x'",
      'in',
      '[',
      ']',
      ',',
      '9',
      ' ',
      'exists',
      '|',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(symbols, { maxLength: 300 }).map((all) => all.join('')),
        ),
        (text) => {
          try {
            expect(typeof holds(parsePredicate(text), body, {})).toBe('boolean');
          } catch (error) {
            expect(error).toBeInstanceOf(ExpressionError);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('numbers stay their digits', () => {
  test('ids of 64 bits and beyond, as numbers or texts', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 70n), (id) => {
        for (const json of [`{"id":${id}}`, `{"id":"${id}"}`]) {
          expect(remoteIdIn(parsePath('$.id'), view(json))).toBe(String(id));
          expect(writeJson(parseJson(json) ?? null)).toBe(json);
        }
        expect(writeJson({ id: filled('{id|number}', { id: String(id) }) ?? null })).toBe(`{"id":${id}}`);
      }),
    );
  });

  test('points of every scale there and back, as texts, numbers, minor units and the other way round', () => {
    const points = fc.tuple(fc.bigInt(0n, 10n ** 15n - 1n), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(
        points,
        fc.constantFrom('', '|minor', '|negated', '|minor|negated'),
        fc.boolean(),
        ([units, scale], pipes, asNumber) => {
          const asked = new Decimal(`${units}e-${scale}`);
          const rendered = filled(`{points${pipes}${asNumber ? '|number' : ''}}`, { points: asked }, scale);
          const body = view(writeJson({ points: rendered ?? null }));
          expect(pointsIn(parsePointsValue(`$.points${pipes}`), body, scale)).toEqual(asked);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ['1E+1', '10'],
    ['1.50e1', '15'],
    ['12.3400', '12.34'],
    ['0.0001', '0.0001'],
    ['-0', '0'],
  ])('%s is %s points', (text, expected) => {
    expect(pointsIn(parsePointsValue('$.p'), view(`{"p":${text}}`), 2)?.toFixed()).toBe(expected);
  });

  test.each([
    '-1',
    '1.00001',
    '1e99',
    '"Infinity"',
    '"NaN"',
    '""',
    '"0x10"',
    'true',
    'null',
    '[]',
    '{}',
    '9'.repeat(50),
  ])('%s is no points', (text) =>
    expect(pointsIn(parsePointsValue('$.p'), view(`{"p":${text}}`), 2)).toBeUndefined(),
  );

  test('points with all places of the scale, and none that it does not have', () => {
    const fixed = (points: string, scale: number) =>
      filled('{points|fixed}', { points: new Decimal(points) }, scale);
    expect([fixed('12', 2), fixed('12.3', 2), fixed('7', 0), fixed('0.0001', 4)]).toEqual([
      '12.00',
      '12.30',
      '7',
      '0.0001',
    ]);
    expect(filled('{points|negated|fixed|number}', { points: new Decimal(5) })).toEqual(
      new JsonNumber('-5.00'),
    );
    expect(() => fixed('12.345', 2)).toThrow(RenderingError);
    expect(() => filled('{key|fixed}', { key: '12' })).toThrow(RenderingError);
  });

  test('minor units that are no whole number cannot be sent', () => {
    expect(() => filled('{points|minor}', { points: new Decimal('0.001') })).toThrow(RenderingError);
  });
});

describe('instants', () => {
  const zones = fc.constantFrom(
    'UTC',
    'Asia/Shanghai',
    'Europe/Berlin',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Asia/Kathmandu',
  );
  // 1970 to 2100, in whole seconds.
  const seconds = fc.integer({ min: 0, max: 4_102_444_800 });

  test('come back as they went, or a local time says nothing where the clocks are turned back', () => {
    fc.assert(
      fc.property(
        seconds,
        zones,
        fc.constantFrom('iso', 'seconds', 'milliseconds', 'local'),
        (at, zone, format) => {
          const instant = new Date(at * 1_000);
          const read = instantIn(
            parseInstantValue(`$.at|${format}`),
            view(JSON.stringify({ at: writeInstant(instant, format, zone) })),
            zone,
          );
          if (format === 'local' && read === undefined) {
            const text = writeInstant(instant, 'local', zone);
            const twins = [-24, -2, -1, -0.5, 0.5, 1, 2, 24].map(
              (hours) => new Date(instant.getTime() + hours * 3_600_000),
            );
            expect(twins.some((twin) => writeInstant(twin, 'local', zone) === text)).toBe(true);
          } else expect(read).toEqual(instant);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ['2026-03-29 01:59:59', '2026-03-29T00:59:59.000Z'],
    ['2026-03-29 02:30:00', undefined],
    ['2026-03-29 03:00:00', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25 01:59:59', '2026-10-24T23:59:59.000Z'],
    ['2026-10-25 02:30:00', undefined],
    ['2026-10-25 03:00:00', '2026-10-25T02:00:00.000Z'],
  ])('%s in Berlin is %s', (text, expected) => {
    expect(readInstant(text, 'local', 'Europe/Berlin')?.toISOString()).toBe(expected);
  });

  test('a day begins at its own midnight', () => {
    expect(readInstant('2026-10-25', 'date', 'Europe/Berlin')?.toISOString()).toBe(
      '2026-10-24T22:00:00.000Z',
    );
    expect(readInstant('2026-11-21', 'date', 'Asia/Shanghai')?.toISOString()).toBe(
      '2026-11-20T16:00:00.000Z',
    );
  });

  test.each(['', 'now', '2026-13-01T00:00:00Z', '2026-02-30', '1e3'])('%j is no instant', (text) => {
    for (const format of ['iso', 'seconds', 'milliseconds', 'local'] as const) {
      expect(readInstant(text, format, 'UTC')).toBeUndefined();
    }
  });
});

describe('a template', () => {
  test('is filled, braces doubled', () => {
    expect(filled('order {orderId} | {{k={key}}}', { orderId: 'o1', key: 'k1' })).toBe('order o1 | {k=k1}');
    expect(filled('{key|sha256}', { key: 'abc' })).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(filled('{cursor}', {})).toBeUndefined();
    expect(filled('{constructor}', {})).toBeUndefined();
    expect(filled('{id|number}', { id: '9007199254740993' })).toEqual(new JsonNumber('9007199254740993'));
    expect(() => filled('{id|number}', { id: 'x' })).toThrow(RenderingError);
  });

  test.each(['{', '}', '{}', '{a b}', '{key|rm}', 'n {points|number}', '{a.b|}'])('%j is none', (text) => {
    expect(() => parseTemplate(text)).toThrow(ExpressionError);
  });
});
