/**
 * Each service's own form of a message, and how it says that it took one. A 200 says nothing by itself.
 *
 * Sources: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot,
 * https://open.dingtalk.com/document/orgapp/custom-robot-access,
 * https://developer.work.weixin.qq.com/document/path/91770, https://api.slack.com/messaging/webhooks
 */
import { createHmac } from 'node:crypto';
import type { Webhook } from './targets.ts';
import type { Wording } from './wording.ts';

export interface WebhookRequest {
  readonly url: URL;
  readonly body: unknown;
}

/** What is sent. @param nowMs goes into a signature */
export function requestOf({ kind, url, secret }: Webhook, wording: Wording, nowMs: number): WebhookRequest {
  switch (kind) {
    case 'feishu':
      return { url, body: { ...feishuSignature(secret, nowMs), ...feishuPost(wording) } };
    case 'dingtalk': {
      const { title } = wording;
      return {
        url: dingtalkUrl(url, secret, nowMs),
        body: { msgtype: 'markdown', markdown: { title, text: markdownOf(wording, '### ', '\n\n') } },
      };
    }
    case 'wecom':
      return { url, body: { msgtype: 'markdown', markdown: { content: markdownOf(wording, '### ', '\n') } } };
    case 'slack':
      return { url, body: { text: slackText(wording) } };
  }
}

/** Why the service did not take it; undefined: it did. */
export function refusalIn(kind: Webhook['kind'], status: number, text: string): string | undefined {
  if (status !== 200) return `HTTP ${status}`;
  switch (kind) {
    case 'feishu':
      return codeIn(text, 'code', 'msg');
    case 'dingtalk':
    case 'wecom':
      return codeIn(text, 'errcode', 'errmsg');
    case 'slack':
      return text.trim() === 'ok' ? undefined : 'answered 200 without ok';
  }
}

function codeIn(text: string, codeName: string, wordsName: string): string | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return 'answered 200 with no JSON';
  }
  if (typeof answer !== 'object' || answer === null) return 'answered 200 with no object';
  const { [codeName]: code, [wordsName]: words } = answer as Readonly<Record<string, unknown>>;
  if (code === 0) return undefined;
  const said = typeof words === 'string' ? `: ${words}` : '';
  return typeof code === 'number' ? `${codeName} ${code}${said}` : `answered 200 without ${codeName}`;
}

/** The text that is signed is the key, and what is hashed is empty; the time is in seconds. */
function feishuSignature(secret: string | undefined, nowMs: number): object {
  if (secret === undefined) return {};
  const timestamp = `${Math.floor(nowMs / 1_000)}`;
  return { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).digest('base64') };
}

function feishuPost({ language, title, parts }: Wording): object {
  const content = parts.flatMap(({ lines, link }) => [
    ...lines.map((text) => [{ tag: 'text', text }]),
    ...(link === undefined ? [] : [[{ tag: 'a', text: link.label, href: link.url }]]),
  ]);
  return {
    msg_type: 'post',
    content: { post: { [language === 'zh' ? 'zh_cn' : 'en_us']: { title, content } } },
  };
}

/** The secret is the key of a text that holds it once more; the time is in milliseconds. */
function dingtalkUrl(url: URL, secret: string | undefined, nowMs: number): URL {
  if (secret === undefined) return url;
  const signed = new URL(url);
  signed.searchParams.set('timestamp', `${nowMs}`);
  signed.searchParams.set(
    'sign',
    createHmac('sha256', secret).update(`${nowMs}\n${secret}`).digest('base64'),
  );
  return signed;
}

function markdownOf({ title, parts }: Wording, heading: string, between: string): string {
  const lines = parts.flatMap(({ lines: said, link }) => [
    ...said.map(escapedMarkdown),
    ...(link === undefined ? [] : [`[${link.label}](${link.url})`]),
  ]);
  return [`${heading}${escapedMarkdown(title)}`, ...lines].join(between);
}

/**
 * Names of people and of channels stand in it, and none may become a link or a call to everybody. The services differ in
 * what they take for an escape, so such characters become their full-width twins (U+FF01 and on).
 */
function escapedMarkdown(text: string): string {
  return text.replaceAll(/[[\]()<>*`\\@]/g, (char) => String.fromCodePoint(char.charCodeAt(0) + 0xfee0));
}

/** https://api.slack.com/reference/surfaces/formatting#escaping */
function slackText({ title, parts }: Wording): string {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const lines = parts.flatMap(({ lines: said, link }) => [
    ...said.map(escaped),
    ...(link === undefined ? [] : [`<${link.url}|${link.label}>`]),
  ]);
  return [`*${escaped(title)}*`, ...lines].join('\n');
}
