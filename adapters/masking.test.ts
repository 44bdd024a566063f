import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Evidence } from './contract.ts';
import { createMasker, MASK, maskEvidence } from './masking.ts';

describe('masking', () => {
  test('a value is masked in every spelling in which it may come back', () => {
    const masker = createMasker(['李 雷/7"x']);
    const spellings = [
      '李 雷/7"x',
      JSON.stringify('李 雷/7"x'),
      '"\\u674e \\u96f7/7\\"x"',
      '"\\u674E \\u96F7\\/7\\"x"',
      encodeURIComponent('李 雷/7"x'),
      encodeURIComponent('李 雷/7"x').toLowerCase(),
    ];
    for (const spelling of spellings)
      expect(masker.mask(`<${spelling}>`)).toMatch(new RegExp(`^<"?${MASK}"?>$`));
  });

  test('sensitive fields are masked whatever they hold, however they are spelt', () => {
    const masker = createMasker([]);
    expect(masker.mask('{"access_token": "ab\\"c", "Member-Id":42, "points":"7"}')).toBe(
      `{"access_token": "${MASK}", "Member-Id":"${MASK}", "points":"7"}`,
    );
    expect(masker.mask('{"__CARD-_no-":true,"x_token":"1","tokens":"2","memberSince":3,"user":"4"}')).toBe(
      `{"__CARD-_no-":"${MASK}","x_token":"1","tokens":"2","memberSince":3,"user":"4"}`,
    );
  });

  test('a sensitive field that the answer’s end cuts off is masked, too', () => {
    for (const cut of ['{"token":"abcdef', '{"token":"abc\\', '{"token":"']) {
      expect(createMasker([]).mask(cut)).toBe(`{"token":"${MASK}"`);
    }
  });

  test('a short value is masked only where it stands alone', () => {
    expect(createMasker(['42']).mask('/members/42/balance of 1420, "42"')).toBe(
      `/members/${MASK}/balance of 1420, "${MASK}"`,
    );
  });

  test('what is not a secret stays as it came, digit by digit', () => {
    const text = '{ "id": 9007199254740993, "points" : "0.10" }';
    expect(createMasker(['u1', '']).mask(text)).toBe(text);
  });

  test('no value of four characters or more survives in any text', () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 4, maxLength: 40 })
      .filter((text) => !text.includes('•'));
    const around = fc.array(fc.string(), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), around, (values, texts) => {
        const masker = createMasker(values);
        const plain = masker.mask(texts.join(values[0]));
        const json = masker.mask(JSON.stringify({ note: texts.join(values.at(-1)) }));
        for (const secret of values) {
          expect(plain).not.toContain(secret);
          expect(json).not.toContain(JSON.stringify(secret).slice(1, -1));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('evidence', () => {
  const evidences: fc.Arbitrary<Evidence> = fc.record(
    {
      httpStatus: fc.integer({ min: 100, max: 599 }),
      remoteCode: fc.string({ unit: 'binary', maxLength: 500 }),
      remoteId: fc.string({ unit: 'binary', maxLength: 500 }),
      request: fc.record({ method: fc.constantFrom('GET', 'POST'), path: fc.webPath() }),
      answer: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 5_000 }),
        fc.constant('"\\'.repeat(3_000)),
        fc.constant('李'.repeat(3_000)),
      ),
      detail: fc.string({ maxLength: 500 }),
      elapsedMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    },
    { requiredKeys: [] },
  );

  test('is at most 4,096 bytes of JSON, its answer at most 1,024 characters, and fit for jsonb', () => {
    fc.assert(
      fc.property(evidences, (evidence) => {
        const masked = maskEvidence(evidence, createMasker(['secret-token']));
        const json = JSON.stringify(masked);
        expect(Buffer.byteLength(json)).toBeLessThanOrEqual(4_096);
        expect(masked.answer?.length ?? 0).toBeLessThanOrEqual(1_024);
        expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      }),
      { numRuns: 1_000 },
    );
  });

  test('holds no half of a secret where the answer is cut', () => {
    const secret = 'sk_live_0123456789abcdef';
    for (let before = 990; before <= 1_024; before += 1) {
      const { answer } = maskEvidence({ answer: 'x'.repeat(before) + secret }, createMasker([secret]));
      expect(answer).not.toContain('sk_');
    }
  });

  test('masks every text it holds', () => {
    const text = 'a u9cc495f8b5db z';
    const masked = maskEvidence(
      {
        remoteCode: text,
        remoteId: text,
        request: { method: 'GET', path: text },
        answer: text,
        detail: text,
      },
      createMasker(['u9cc495f8b5db']),
    );
    expect(JSON.stringify(masked)).not.toContain('u9cc495f8b5db');
    expect(masked.answer).toBe(`a ${MASK} z`);
  });
});
