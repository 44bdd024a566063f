/** One message to one target, and whether it got there. */
import { createMasker } from '@points-hub/adapters';
import { createTransport } from 'nodemailer';
import type { Mailbox, Target, Webhook } from './targets.ts';
import { refusalIn, requestOf } from './webhooks.ts';
import type { Wording } from './wording.ts';

export type Delivery =
  | { readonly type: 'sent' }
  /** It may have arrived all the same. `trouble` holds no address and no secret. */
  | { readonly type: 'failed'; readonly trouble: string };

const withinMs = 10_000;
const answerBytesMax = 65_536;
const troubleCharsMax = 150;

/** @param messageId the same for every try of a message, so that a mailbox can tell a second copy */
export async function send(target: Target, wording: Wording, messageId: string): Promise<Delivery> {
  try {
    const refusal =
      target.kind === 'email' ? await mail(target, wording, messageId) : await post(target, wording);
    return refusal === undefined ? { type: 'sent' } : failed(target, refusal);
  } catch (error) {
    return failed(target, reasonOf(error));
  }
}

function failed(target: Target, trouble: string): Delivery {
  const masked = createMasker(secretsOf(target)).mask(trouble);
  return { type: 'failed', trouble: masked.replaceAll(/[\p{C}]/gu, ' ').slice(0, troubleCharsMax) };
}

function secretsOf(target: Target): readonly string[] {
  if (target.kind === 'email') return [decodeURIComponent(target.server.password)];
  const { url, secret = '' } = target;
  return [
    url.href,
    secret,
    ...url.searchParams.values(),
    ...url.pathname.split('/').filter((part) => part.length > 7),
  ];
}

/** The words of a failure under fetch are `fetch failed`; its cause has the system's. */
function reasonOf(error: unknown): string {
  if (!Error.isError(error)) return 'unknown trouble';
  if (error.name === 'TimeoutError') return `no answer within ${withinMs} ms`;
  const cause = Error.isError(error.cause) ? error.cause : error;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

async function post(target: Webhook, wording: Wording): Promise<string | undefined> {
  const { url, body } = requestOf(target, wording, Date.now());
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
    // A redirection would lead to a host that nobody allowed.
    redirect: 'manual',
    signal: AbortSignal.timeout(withinMs),
  });
  return refusalIn(target.kind, answer.status, await textOf(answer));
}

async function textOf(answer: Response): Promise<string> {
  let text = '';
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.length > answerBytesMax) break;
  }
  return text;
}

async function mail(
  { server, from, to }: Mailbox,
  { title, parts }: Wording,
  messageId: string,
): Promise<string | undefined> {
  const isTls = server.protocol === 'smtps:';
  const user = decodeURIComponent(server.username);
  const transport = createTransport({
    host: server.hostname,
    port: server.port === '' ? (isTls ? 465 : 587) : Number(server.port),
    secure: isTls,
    // A password, and what is said of trouble, cross other machines encrypted or not at all.
    requireTLS: !isTls && !isLoopback(server.hostname),
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(server.password) } }),
    connectionTimeout: withinMs,
    greetingTimeout: withinMs,
    socketTimeout: withinMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const text = parts
      .map(({ lines, link }) => [...lines, ...(link === undefined ? [] : [link.url])].join('\n'))
      .join('\n\n');
    const [, host = 'points-hub'] = from.split('@');
    const { rejected } = await transport.sendMail({
      from,
      to: [...to],
      subject: title,
      text: `${text}\n`,
      messageId: `<${messageId}@${host}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return rejected.length === 0 ? undefined : `${rejected.length} of ${to.length} addresses were refused`;
  } finally {
    transport.close();
  }
}

function isLoopback(host: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(host);
}
