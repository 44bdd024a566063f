import { createPublicKey, verify } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { openSigner } from './signer.ts';
import { requestOf, type Field, type RequestDraft } from './request-draft.ts';
import { signingSchema, type SigningDescription } from './signing-schema.ts';
import { sortedText } from './sorted-parameters.ts';
import { RSA_PRIVATE_KEY, RSA_PUBLIC_KEY } from './testing/rsa-keys.ts';

function open(description: unknown, env: Record<string, string>) {
  const read = signingSchema.parse(description) as Exclude<
    SigningDescription,
    { readonly method: 'oauth2-client-credentials' }
  >;
  return openSigner(read, env);
}

function draftOf(place: 'form' | 'query', fields: Readonly<Record<string, string>>): RequestDraft {
  const all = Object.entries(fields);
  return {
    method: place === 'form' ? 'POST' : 'GET',
    path: '/router/rest',
    query: place === 'query' ? all : [],
    headers: {},
    body: place === 'form' ? { type: 'form', fields: all } : { type: 'none' },
  };
}

const fieldsOf = (draft: RequestDraft): Record<string, string> =>
  Object.fromEntries(draft.body.type === 'form' ? draft.body.fields : (draft.query as Field[]));

const FACTS = { now: new Date('2016-01-01T04:00:00Z'), nonce: '0'.repeat(32), pathPrefix: '' };

describe('alibaba-top', () => {
  // The example of "API calling protocol": https://open.taobao.com/docV3.htm?docId=101617&docType=1, secret
  // `helloworld`, read 2026-11-21; the same example at https://developer.alibaba.com/docs/doc.htm?articleId=101617.
  test('signs the public example as its document does', () => {
    const signer = open(
      { method: 'alibaba-top', keys: { current: 'env:TOP_SECRET' }, keyId: '12345678' },
      { TOP_SECRET: 'helloworld' },
    );
    const signed = signer.sign(
      draftOf('form', {
        method: 'taobao.item.seller.get',
        session: 'test',
        fields: 'num_iid,title,nick,price,num',
        num_iid: '11223344',
      }),
      FACTS,
    );
    expect(fieldsOf(signed)).toMatchObject({
      app_key: '12345678',
      timestamp: '2016-01-01 12:00:00',
      format: 'json',
      v: '2.0',
      sign_method: 'md5',
      sign: '66987CB115214E59E6EC978214934FB8',
    });
  });

  // https://segmentfault.com/q/1010000002569107 (read 2026-11-21) quotes an older version of the same document.
  test('signs the older public example, too', () => {
    const join = { keyValue: '', pairs: '', prefix: '{secret}', suffix: '{secret}' };
    const signer = open(
      { method: 'md5-sorted', keys: { current: 'env:S' }, encoding: 'hex-upper', join },
      { S: 'test' },
    );
    const parameters = {
      method: 'taobao.user.seller.get',
      timestamp: '2013-05-06 13:52:03',
      format: 'xml',
      app_key: 'test',
      v: '2.0',
      fields: 'nick',
      sign_method: 'md5',
      session: 'test',
    };
    expect(fieldsOf(signer.sign(draftOf('form', parameters), FACTS))['sign']).toBe(
      '72CB4D809B375A54502C09360D879C64',
    );
  });
});

describe('duiba-md5', () => {
  // http://docs.duiba.com.cn/duiba_activity_doc/caution.html, "test cases of the signing rules", read 2026-11-21.
  const env = { DUIBA_SECRET: 'testappsecret' };

  test.each([
    [{ uid: 'test111', credits: '0' }, 'b4dfe715af6ea706417362c0b3f05e81'],
    [{}, '868a4339ea0400aec9b7a4742e06120e'],
  ])('signs the public example with %j', (fields, sign) => {
    const signer = open(
      { method: 'duiba-md5', keys: { current: 'env:DUIBA_SECRET' }, keyId: 'testappkey' },
      env,
    );
    const signed = signer.sign(draftOf('query', fields), { ...FACTS, now: new Date(1_415_250_311_646) });
    expect(fieldsOf(signed)).toEqual({ ...fields, appKey: 'testappkey', timestamp: '1415250311646', sign });
  });

  test('signs the public example that has only the appKey', () => {
    const join = { pairs: '', valuesOnly: true, secretParameter: 'appSecret' };
    const signer = open(
      { method: 'md5-sorted', keys: { current: 'env:DUIBA_SECRET' }, include: 'query', join },
      env,
    );
    const signed = signer.sign(draftOf('query', { appKey: 'testappkey' }), FACTS);
    expect(fieldsOf(signed)['sign']).toBe('925e68506cf5a9ac740aedc2bd78f5e4');
  });
});

describe('md5-sorted', () => {
  // http://res.easydoc.net/doc/45090039/BHm31QHg/YJbJQqOV, read 2026-11-21: the secret after all, lower case.
  test('signs a public example with another join', () => {
    const join = { suffix: '{secret}' };
    const signer = open({ method: 'md5-sorted', keys: { current: 'env:S' }, join }, { S: 'testSecretKey' });
    const parameters = {
      apiKey: 'testApiKey',
      customerNo: 'test100000',
      channel: 'bank',
      amount: '100.00',
      notifyUrl: 'http://test.com/getNotify',
      ip: '127.0.0.1',
      note: '',
    };
    expect(fieldsOf(signer.sign(draftOf('form', parameters), FACTS))['sign']).toBe(
      '5d50a182db6fa8a347cc85f36ca492f2',
    );
  });
});

describe('alipay-rsa2', () => {
  const env = { ALIPAY_PRIVATE_KEY: RSA_PRIVATE_KEY };
  const signer = () =>
    open({ method: 'alipay-rsa2', privateKey: 'env:ALIPAY_PRIVATE_KEY', keyId: '2014060600164699' }, env);

  /**
   * A notification that Alipay signed, with the public key that checks it: github.com/alipay/alipay-sdk-nodejs-all,
   * test/alipay.test.ts "verify sign should delete sign_type" at e1676390 (2025-04-29), the official SDK. Public
   * examples hold no private key of Alipay's, so what is proven by them is the text that is signed and the algorithm.
   */
  test('builds the text that Alipay itself signs', () => {
    const notification: Field[] = Object.entries({
      gmt_create: '2019-08-15 15:56:22',
      charset: 'utf-8',
      seller_email: 'z97-yuquerevenue@service.aliyun.com',
      subject: '语雀空间 500人规模',
      sign: 'QfTb8tqE1BMhS5qAnXtvsF3/jBkEvu9q9en0pdbBUDDjvKycZhQb7h8GDs4FKfi049PynaNuatxSgLb/nLWZpXyyh0LEWdK2S6Ri7nPwrVgOs08zugLO20vOQz44y3ti2Ncm8/wZts1Fr2gZ7pShnVX3d1B50hbsXnObT1r/U8ONNQjWXd0HIul4TG+Q3fm3svmSvFEy0WnzuhcyHPX5Gm4ELNctL6Qd5YniGJFNcc7kopHYtI/XD9YCKCH6Ct02rzUs9i11C9CsadtZn+WhxF26Dqt9sGEFajkJ8cxUTLi8+VCpLHsgPE8P0y095uQcDdK0YjCh4x7wVSov+lrmOQ==',
      buyer_id: '2088102534368455',
      invoice_amount: '0.10',
      notify_id: '2019081500222155624068450559358070',
      fund_bill_list: '[{"amount":"0.10","fundChannel":"ALIPAYACCOUNT"}]',
      notify_type: 'trade_status_sync',
      trade_status: 'TRADE_SUCCESS',
      receipt_amount: '0.10',
      buyer_pay_amount: '0.10',
      sign_type: 'RSA2',
      app_id: '2019073166072302',
      seller_id: '2088531891668739',
      gmt_payment: '2019-08-15 15:56:24',
      notify_time: '2019-08-15 15:56:25',
      version: '1.0',
      out_trade_no: '20190815155618536-564-57',
      total_amount: '0.10',
      trade_no: '2019081522001468450512505578',
      auth_app_id: '2019073166072302',
      buyer_logon_id: 'xud***@126.com',
      point_amount: '0.00',
    });
    const answer = { headers: {}, body: JSON.stringify(Object.fromEntries(notification)) };
    const checked = (body: string) =>
      open(
        {
          method: 'rsa2',
          privateKey: 'env:ALIPAY_PRIVATE_KEY',
          publicKeys: { current: 'env:OTHER', previous: 'env:ALIPAY_PUBLIC_KEY' },
          exclude: ['sign_type'],
          answersSigned: true,
        },
        { ...env, OTHER: RSA_PUBLIC_KEY, ALIPAY_PUBLIC_KEY },
      ).accepts({ headers: {}, body });
    expect(checked(answer.body)).toBe(true);
    expect(checked(answer.body.replace('"total_amount":"0.10"', '"total_amount":"0.11"'))).toBe(false);
    expect(checked('<html>')).toBe(false);
  });

  test('signs requests as the official SDK does: every parameter but the signature, name=value joined by &', () => {
    const signed = signer().sign(
      draftOf('form', { method: 'alipay.point.order.add', biz_content: '{"memo":"积分"}', notify_url: '' }),
      FACTS,
    );
    const { sign = '', ...sent } = fieldsOf(signed);
    // Written out by hand from the SDK's algorithm; an empty parameter is not signed.
    const text =
      'app_id=2014060600164699&biz_content={"memo":"积分"}&charset=utf-8&format=JSON&method=alipay.point.order.add' +
      '&sign_type=RSA2&timestamp=2016-01-01 12:00:00&version=1.0';
    expect(sent).toMatchObject({ charset: 'utf-8', sign_type: 'RSA2', version: '1.0' });
    expect(
      verify('RSA-SHA256', Buffer.from(text), createPublicKey(RSA_PUBLIC_KEY), Buffer.from(sign, 'base64')),
    ).toBe(true);
    // Computed from that text by `openssl dgst -sha256 -sign`, OpenSSL 3: RSASSA-PKCS1-v1_5 has one signature per text.
    expect(sign).toBe(OPENSSL_RSA2_SIGNATURE);
  });

  test('a key may come as PEM, on one line, or as the bare base64 of Alipay’s tools', () => {
    const bare = RSA_PRIVATE_KEY.replace(/-----[^-]+-----/g, '').replace(/\s/g, '');
    const draft = draftOf('form', { method: 'm' });
    const signatures = [RSA_PRIVATE_KEY, RSA_PRIVATE_KEY.replaceAll('\n', String.raw`\n`), bare].map(
      (key) => fieldsOf(open({ method: 'rsa2', privateKey: 'env:K' }, { K: key }).sign(draft, FACTS))['sign'],
    );
    expect(new Set(signatures).size).toBe(1);
  });

  test('a key that is none is told by the name of its variable', () => {
    expect(() => open({ method: 'rsa2', privateKey: 'env:K' }, { K: 's3cret' })).toThrow(
      /^environment variable K holds no RSA private key$/,
    );
    expect(() => open({ method: 'rsa2', privateKey: 'env:K' }, {})).toThrow(
      'environment variable K is not set',
    );
  });
});

describe('hmac-sha256', () => {
  // https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security, "SIGNED request example
  // (HMAC)", read 2026-11-21: the parameters as they are sent, in hex.
  test('signs a public example of a canonical query', () => {
    const signer = open(
      {
        method: 'hmac-sha256',
        keys: { current: 'env:S' },
        canonical: '{query}',
        headers: { 'x-signature': '{signature}' },
      },
      { S: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j' },
    );
    const query = {
      symbol: 'LTCBTC',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '1',
      price: '0.1',
      recvWindow: '5000',
      timestamp: '1499827319559',
    };
    expect(signer.sign(draftOf('query', query), FACTS).headers['x-signature']).toBe(
      'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
    );
  });

  /**
   * `hmac-json` is a convention of this project, so there is no public vector of it. Computed by
   * `printf 'POST\n/v1/deductions\na=1\n1451620800\n<32 zeros>\n<sha256 of the body>' | openssl dgst -sha256 -hmac k3y`.
   */
  test('hmac-json is what OpenSSL computes', () => {
    const signer = open({ method: 'hmac-json', keys: { current: 'env:K' }, keyId: 'hub-1' }, { K: 'k3y' });
    const signed = signer.sign(
      {
        method: 'POST',
        path: '/deductions',
        query: [['a', '1']],
        headers: {},
        body: { type: 'json', value: { points: '1' } },
      },
      { ...FACTS, pathPrefix: '/v1' },
    );
    expect(requestOf(signed)).toEqual({
      method: 'POST',
      path: '/deductions?a=1',
      headers: {
        'content-type': 'application/json',
        'x-key-id': 'hub-1',
        'x-timestamp': '1451620800',
        'x-nonce': '0'.repeat(32),
        'x-signature': OPENSSL_HMAC,
      },
      body: '{"points":"1"}',
    });
  });

  test('signs with the current key and accepts an answer of the previous one', () => {
    const keys = { current: 'env:NEW', previous: 'env:OLD' };
    const description = { method: 'hmac-json', keys, keyId: 'hub-1', answerHeader: 'x-answer-signature' };
    const signer = open(description, { NEW: 'new', OLD: 'old' });
    const only = (key: string) =>
      open(
        {
          method: 'hmac-sha256',
          keys: { current: 'env:K' },
          canonical: '{body}',
          headers: { s: '{signature}' },
        },
        { K: key },
      );
    const draft: RequestDraft = {
      method: 'POST',
      path: '/',
      query: [],
      headers: {},
      body: { type: 'json', value: { ok: true } },
    };
    const accepts = (key: string): boolean => {
      const signature = only(key).sign(draft, FACTS).headers['s'] ?? '';
      return signer.accepts({ headers: { 'x-answer-signature': signature }, body: '{"ok":true}' });
    };
    expect(['new', 'old', 'stranger'].map(accepts)).toEqual([true, true, false]);
    expect(signer.accepts({ headers: {}, body: '{"ok":true}' })).toBe(false);
    const signed = (env: Record<string, string>) =>
      open({ ...description, keys: { current: 'env:NEW' } }, env).sign(draft, FACTS);
    expect(signer.sign(draft, FACTS)).toEqual(signed({ NEW: 'new' }));
    expect(signer.sign(draft, FACTS)).not.toEqual(signed({ NEW: 'old' }));
  });
});

test('bearer and basic are headers', () => {
  const draft = draftOf('query', {});
  expect(open({ method: 'bearer', token: 'env:T' }, { T: 't0ken' }).sign(draft, FACTS).headers).toEqual({
    authorization: 'Bearer t0ken',
  });
  // RFC 7617, section 2.
  expect(
    open({ method: 'basic', user: 'Aladdin', password: 'env:P' }, { P: 'open sesame' }).sign(draft, FACTS)
      .headers,
  ).toEqual({ authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' });
});

test('names are sorted by their characters, capitals first', () => {
  const rules = { include: 'form' as const, exclude: [], dropEmpty: true, signatureField: 'sign' };
  const join = { keyValue: '=', pairs: '&', prefix: '', suffix: '', valuesOnly: false };
  const text = sortedText(
    [
      ['b', '1'],
      ['a_b', '2'],
      ['aB', '3'],
      ['B', '4'],
    ],
    { ...rules, join },
    '',
  );
  expect(text).toBe('B=4&aB=3&a_b=2&b=1');
});

const OPENSSL_RSA2_SIGNATURE =
  'io+hZFyNc3Emr/URqmw7soYTt+pcW/R4MDGKyt3taxax+jhqL2+OvwnbhiygBM5AI3i4w6P7Z4HYQkO7E7wh3WKLNTyilQtM15YOZmZlxV0RyEuJPFIvhv6bFiXVev0bTBgDJehg+CM1SkNdcZp5ui5MHO4ngwIbdzxHL56DDjsJObf2cEoDmrQEhGf6o1dLvFOLfvrxT5hwCZ0UI6Z/9FIa1HWCIEtXfHggGLzl+3ngpwzg+tbj5BJVMAZccULS5LWyK7kTCWWekNsCALL+PR6JwuzAkyikutX2NRvzY3ClWWTXHVe+jhRywpj6pp0nDD8QId6VhbQvcKqbH+0aeg==';
const OPENSSL_HMAC = '913e1e5764f5c43f6ec43b92ba0541976d960f6a6926ec87f663a755cb076e27';

const ALIPAY_PUBLIC_KEY =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqObrdC7hrgAVM98tK0nv3hSQRGGKT4lBsQjHiGjeYZjOPIPHR5knm2jnnz/YGIXIofVHkA/tAlBAd5DrY7YpvI4tP5EONLtZKC2ghBMx7McI2wRD0xiqzxOQr1FuhZGJ8/AUokBzJrzY+aGX2xcOrxFYRlFilvVLTXg4LWjR1tdPkO6+i7wQZAIVMClPkwVRZEbaERRHlKqTzv2gGv5rDU8gRoe1LeaN+6BlbTqHWkQcNCUNrA8C6l17XAXGKDsm/9TFWwO8EPHHHCaQdjtV5/FdcWIt+L8SR1ss7EXTjYDFtxcKVv9rEoY1lX8T4mX+GbXfZHraG5NCF1+XioL5JwIDAQAB';
