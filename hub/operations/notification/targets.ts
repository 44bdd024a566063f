/**
 * Whom messages can go to: what the environment of the console's process names. Addresses of webhooks are passwords.
 * They stay where the other secrets of a process are, so that no copy of the database, no answer of the API and no
 * admin's session holds one; and nobody who can only sign in can make the hub call an address of his choice.
 */
import { invalidSetting } from '../../setting-fault.ts';

export const webhookKinds = ['feishu', 'dingtalk', 'wecom', 'slack'] as const;
export type WebhookKind = (typeof webhookKinds)[number];

export interface Webhook {
  readonly kind: WebhookKind;
  readonly name: string;
  readonly url: URL;
  /** Feishu and DingTalk sign with it, where their robot asks for that. */
  readonly secret: string | undefined;
}

export interface Mailbox {
  readonly kind: 'email';
  readonly name: string;
  readonly to: readonly string[];
  readonly from: string;
  readonly server: URL;
}

export type Target = Webhook | Mailbox;

/** By name. */
export type Targets = ReadonlyMap<string, Target>;

/** Hosts of each service; any other one has to be allowed. */
const hostsOf: Readonly<Record<WebhookKind, readonly string[]>> = {
  feishu: ['open.feishu.cn', 'open.larksuite.com'],
  dingtalk: ['oapi.dingtalk.com'],
  wecom: ['qyapi.weixin.qq.com'],
  slack: ['hooks.slack.com', 'hooks.slack-gov.com'],
};

const variable = /^HUB_NOTIFY_([A-Z][A-Z0-9_]{0,30})_URL$/;

/** @throws HubError HUB_CONFIG_INVALID that names the variable, never what is in it */
export function readTargets(env: NodeJS.ProcessEnv): Targets {
  const allowed = originsIn(env['HUB_NOTIFY_HOSTS'] ?? '');
  const targets = Object.keys(env).flatMap((key): readonly Target[] => {
    const [, upper] = variable.exec(key) ?? [];
    return upper === undefined ? [] : [targetOf(upper, env, allowed)];
  });
  return new Map(targets.map((target) => [target.name, target]));
}

function targetOf(upper: string, env: NodeJS.ProcessEnv, allowed: ReadonlySet<string>): Target {
  const key = `HUB_NOTIFY_${upper}_URL`;
  const url = URL.parse(env[key] ?? '');
  if (url === null) throw invalidSetting(key, 'is no URL: https://... of a webhook, or mailto:...');
  const name = upper.toLowerCase();
  if (url.protocol === 'mailto:') return mailboxOf(name, key, url, env);
  const isAllowed = allowed.has(url.origin);
  if (url.protocol !== 'https:' && !isAllowed) {
    throw invalidSetting(
      key,
      'has to begin with https://, or its origin has to be listed in HUB_NOTIFY_HOSTS',
    );
  }
  if (url.username !== '' || url.password !== '')
    throw invalidSetting(key, 'must not hold a user or password');
  const kind = kindOf(`HUB_NOTIFY_${upper}_KIND`, env, url);
  const isOfService = url.protocol === 'https:' && url.port === '' && hostsOf[kind].includes(url.hostname);
  if (!isOfService && !isAllowed) {
    throw invalidSetting(
      key,
      `leads to ${url.host}, which is no host of ${kind} and not listed in HUB_NOTIFY_HOSTS`,
    );
  }
  const secret = env[`HUB_NOTIFY_${upper}_SECRET`];
  return { kind, name, url, secret: secret === '' ? undefined : secret };
}

function kindOf(key: string, env: NodeJS.ProcessEnv, { hostname }: URL): WebhookKind {
  const told = env[key];
  const byHost = webhookKinds.find((kind) => hostsOf[kind].includes(hostname));
  const kind = told === undefined ? byHost : webhookKinds.find((one) => one === told);
  if (kind !== undefined) return kind;
  throw invalidSetting(key, `has to be one of ${webhookKinds.join(', ')}`);
}

/** Origins, `https://` where none is said. */
function originsIn(list: string): ReadonlySet<string> {
  const entries = list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return new Set(
    entries.map((entry) => {
      const url = URL.parse(entry.includes('://') ? entry : `https://${entry}`);
      if (url === null || url.pathname !== '/' || !['https:', 'http:'].includes(url.protocol)) {
        throw invalidSetting(
          'HUB_NOTIFY_HOSTS',
          'is a list of hosts: chat.example.com,http://127.0.0.1:9000',
        );
      }
      return url.origin;
    }),
  );
}

function mailboxOf(name: string, key: string, url: URL, env: NodeJS.ProcessEnv): Mailbox {
  const to = url.pathname.split(',').map((address) => decodeURIComponent(address).trim());
  if (url.search !== '' || to.some((address) => !isAddress(address))) {
    throw invalidSetting(key, 'is no list of addresses: mailto:ops@example.com,lead@example.com');
  }
  const from = env['HUB_SMTP_FROM'] ?? '';
  if (!isAddress(from)) throw invalidSetting('HUB_SMTP_FROM', `is no address, and ${key} needs it`);
  const server = URL.parse(env['HUB_SMTP_URL'] ?? '');
  if (server === null || !['smtp:', 'smtps:'].includes(server.protocol) || server.hostname === '') {
    throw invalidSetting('HUB_SMTP_URL', `is not smtps://user:password@host:465, and ${key} needs it`);
  }
  return { kind: 'email', name, to, from, server };
}

/** Enough to keep a line break or a second address out of a header. */
function isAddress(text: string): boolean {
  return /^[^\s@<>,;"\\]{1,64}@[^\s@<>,;"\\]{1,255}$/.test(text);
}
