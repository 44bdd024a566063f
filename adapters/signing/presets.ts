/** Named ways of signing, each spelt out in terms of the general ones. */
import {
  hmacSchema,
  md5SortedSchema,
  rsa2Schema,
  type HmacDescription,
  type Md5SortedDescription,
  type Rsa2Description,
  type SigningDescription,
} from './signing-schema.ts';

type Preset = 'hmac-json' | 'alibaba-top' | 'duiba-md5' | 'alipay-rsa2';
type Signed = Exclude<SigningDescription, { readonly method: 'oauth2-client-credentials' }>;

/** The description in general terms. */
export function withoutPreset(signing: Signed): Exclude<Signed, { readonly method: Preset }> {
  switch (signing.method) {
    case 'hmac-json':
      return hmacJson(signing);
    case 'alibaba-top':
      return alibabaTop(signing);
    case 'duiba-md5':
      return duibaMd5(signing);
    case 'alipay-rsa2':
      return alipayRsa2(signing);
    case 'none':
    case 'bearer':
    case 'basic':
    case 'hmac-sha256':
    case 'md5-sorted':
    case 'rsa2':
      return signing;
  }
}

type Of<Method extends Preset> = Extract<SigningDescription, { readonly method: Method }>;

/** Ours, for whoever can choose: every part of the request that matters, one a line, over HMAC-SHA256 in hex. */
function hmacJson({ keys, keyId, answerHeader }: Of<'hmac-json'>): HmacDescription {
  return hmacSchema.parse({
    method: 'hmac-sha256',
    keys,
    keyId,
    canonical: '{method}\n{path}\n{query}\n{timestamp}\n{nonce}\n{bodyHash}',
    headers: {
      'x-key-id': '{keyId}',
      'x-timestamp': '{timestamp}',
      'x-nonce': '{nonce}',
      'x-signature': '{signature}',
    },
    encoding: 'hex',
    timestamp: { format: 'seconds' },
    answerHeader,
  });
}

/** https://developer.alibaba.com/docs/doc.htm?articleId=101617&docType=1&treeId=780 (read 2026-11-21) */
function alibabaTop({ keys, keyId, include = 'form' }: Of<'alibaba-top'>): Md5SortedDescription {
  return md5SortedSchema.parse({
    method: 'md5-sorted',
    keys,
    keyId,
    include,
    added: { app_key: '{keyId}', timestamp: '{timestamp}', v: '2.0', format: 'json', sign_method: 'md5' },
    join: { keyValue: '', pairs: '', prefix: '{secret}', suffix: '{secret}' },
    encoding: 'hex-upper',
    timestamp: { format: 'local', zone: 'Asia/Shanghai' },
  });
}

/** http://docs.duiba.com.cn/duiba_activity_doc/caution.html (read 2026-11-21) */
function duibaMd5({ keys, keyId, include = 'query' }: Of<'duiba-md5'>): Md5SortedDescription {
  return md5SortedSchema.parse({
    method: 'md5-sorted',
    keys,
    keyId,
    include,
    added: { appKey: '{keyId}', timestamp: '{timestamp}' },
    join: { pairs: '', valuesOnly: true, secretParameter: 'appSecret' },
    encoding: 'hex',
    timestamp: { format: 'milliseconds' },
  });
}

/** github.com/alipay/alipay-sdk-nodejs-all, src/util.ts at e1676390 (2025-04-29), the official SDK */
function alipayRsa2({ privateKey, keyId, include = 'form' }: Of<'alipay-rsa2'>): Rsa2Description {
  return rsa2Schema.parse({
    method: 'rsa2',
    privateKey,
    keyId,
    include,
    added: {
      app_id: '{keyId}',
      charset: 'utf-8',
      format: 'JSON',
      sign_type: 'RSA2',
      timestamp: '{timestamp}',
      version: '1.0',
    },
    timestamp: { format: 'local', zone: 'Asia/Shanghai' },
  });
}
