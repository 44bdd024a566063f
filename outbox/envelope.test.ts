import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { envelopeOctetsMax, readEnvelope, writeEnvelope } from './envelope.ts';

const fields = {
  id: '17',
  source: '/mall',
  type: 'order.settled',
  subject: 'order-1',
  time: '2026-11-20T10:00:00.123456+00:00',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  dataJson: '{"points":12.50}',
};

describe('an envelope', () => {
  test('that was written is read back', () => {
    expect(readEnvelope(Buffer.from(writeEnvelope(fields)))).toEqual({
      type: 'readable',
      envelope: {
        id: '17',
        source: '/mall',
        type: 'order.settled',
        subject: 'order-1',
        time: fields.time,
        traceparent: fields.traceparent,
        data: { points: 12.5 },
      },
    });
  });

  test('carries its data digit by digit', () => {
    expect(writeEnvelope(fields)).toContain('"data":{"points":12.50}}');
  });

  test('leaves out what is not there', () => {
    const text = writeEnvelope({ ...fields, subject: null, traceparent: null });
    expect(Object.keys(JSON.parse(text) as object)).toEqual([
      'specversion',
      'id',
      'source',
      'type',
      'time',
      'datacontenttype',
      'data',
    ]);
  });

  test('is read back whatever its words are made of', () => {
    const word = fc.string({ minLength: 1, maxLength: 50, unit: 'binary' });
    fc.assert(
      fc.property(word, word, word, fc.json(), (id, type, subject, dataJson) => {
        const reading = readEnvelope(Buffer.from(writeEnvelope({ ...fields, id, type, subject, dataJson })));
        expect(reading).toMatchObject({ type: 'readable', envelope: { id, type, subject } });
      }),
    );
  });
});

describe('a body that is no envelope', () => {
  test.each([
    ['', 'not JSON in UTF-8'],
    ['{"specversion":', 'not JSON in UTF-8'],
    ['"text"', 'not a JSON object'],
    ['[]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['{}', 'specversion is not "1.0"'],
    ['{"specversion":"1.0","source":"/","type":"t"}', 'id is missing or too long'],
    ['{"specversion":"1.0","id":1,"source":"/","type":"t"}', 'id is missing or too long'],
    ['{"specversion":"1.0","id":"1","type":"t"}', 'source is missing or too long'],
    ['{"specversion":"1.0","id":"1","source":"/","type":""}', 'type is missing or too long'],
    ['{"specversion":"1.0","id":"1","source":"/","type":"t","subject":{}}', 'subject is no name'],
    ['{"specversion":"1.0","id":"1","source":"/","type":"t","time":"soon"}', 'time is not a timestamp'],
  ])('%s: %s', (body, reason) => {
    expect(readEnvelope(Buffer.from(body))).toEqual({ type: 'unreadable', reason });
  });

  test('is not even parsed when it is too long', () => {
    const body = Buffer.alloc(envelopeOctetsMax + 1, '[');
    expect(readEnvelope(body)).toMatchObject({ type: 'unreadable' });
  });

  test('is not read when it is not UTF-8', () => {
    const body = Buffer.from(writeEnvelope(fields));
    body[body.indexOf('mall')] = 0xff;
    expect(readEnvelope(body)).toEqual({ type: 'unreadable', reason: 'not JSON in UTF-8' });
  });

  test('never throws, whatever its octets are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        expect(['readable', 'unreadable']).toContain(readEnvelope(Buffer.from(octets)).type);
      }),
    );
    expect(readEnvelope(Buffer.alloc(envelopeOctetsMax, '[')).type).toBe('unreadable');
  });
});
