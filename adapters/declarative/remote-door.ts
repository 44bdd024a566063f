/** The way out of a declarative channel: authorised, signed, sent, and the answer's own signature checked. */
import { randomBytes } from 'node:crypto';

import { classifyTrouble } from '../classification.ts';
import type { CallContext, Misconfigured, NotSent, Unknown } from '../contract.ts';
import type { HttpAnswer, HttpTransport } from '../http/transport.ts';
import { createMasker, maskEvidence, type Masker } from '../masking.ts';
import type { NoToken, OAuthTokens } from '../signing/oauth-tokens.ts';
import { requestOf, type RequestDraft } from '../signing/request-draft.ts';
import type { Signer } from '../signing/signer.ts';

/** Who vouches for a request: a signature made here, or a token that is asked for. */
export type Authority =
  | { readonly type: 'signer'; readonly signer: Signer }
  | { readonly type: 'tokens'; readonly tokens: OAuthTokens };

/** A whole answer that is the channel's own. */
export interface Answered {
  readonly type: 'answered';
  readonly answer: HttpAnswer;
  readonly masker: Masker;
}

/** What a door needs; it takes transport and authority over and closes them. */
export interface RemoteDoorOptions {
  readonly transport: HttpTransport;
  readonly authority: Authority;
  /** Configured values that came from the environment. */
  readonly secrets: readonly string[];
  /** The path of `baseUrl`. */
  readonly pathPrefix: string;
}

export class RemoteDoor {
  readonly #transport: HttpTransport;
  readonly #authority: Authority;
  readonly #secrets: readonly string[];
  readonly #pathPrefix: string;

  constructor({ transport, authority, secrets, pathPrefix }: RemoteDoorOptions) {
    this.#transport = transport;
    this.#authority = authority;
    this.#secrets = secrets;
    this.#pathPrefix = pathPrefix;
  }

  masker(personal: readonly string[]): Masker {
    const { type } = this.#authority;
    const own = type === 'signer' ? this.#authority.signer.secrets : this.#authority.tokens.secrets;
    return createMasker([...own, ...this.#secrets, ...personal]);
  }

  /** Sends one request. `shown` and `personal` are the path for evidence and what it must not show. */
  async send(
    draft: RequestDraft,
    call: { readonly shown: string; readonly personal: readonly string[] },
    context: CallContext,
  ): Promise<Answered | Unknown | NotSent | Misconfigured> {
    switch (this.#authority.type) {
      case 'signer':
        return this.#sendSigned(draft, call, context, this.#authority.signer);
      case 'tokens':
        return this.#sendWithToken(draft, call, context, this.#authority.tokens);
    }
  }

  async #sendSigned(
    draft: RequestDraft,
    call: { readonly shown: string; readonly personal: readonly string[] },
    context: CallContext,
    signer: Signer,
  ): Promise<Answered | Unknown | NotSent> {
    const nonce = randomBytes(16).toString('hex');
    const signed = signer.sign(draft, { now: new Date(), nonce, pathPrefix: this.#pathPrefix });
    const ended = await this.#exchange(signed, call, context);
    if (ended.type !== 'answered' || signer.accepts(ended.answer)) return ended;
    const { status, body, elapsedMs } = ended.answer;
    const request = { method: draft.method, path: call.shown };
    const detail = 'the answer is not signed by the channel';
    const evidence = maskEvidence(
      { httpStatus: status, request, answer: body, detail, elapsedMs },
      ended.masker,
    );
    return { type: 'unknown', cause: 'unreadable_answer', evidence };
  }

  /**
   * A 401 says that the request was turned away at the door: the token is renewed and the request goes out once more,
   * and never a third time. Any other trouble ends here.
   */
  async #sendWithToken(
    draft: RequestDraft,
    call: { readonly shown: string; readonly personal: readonly string[] },
    context: CallContext,
    tokens: OAuthTokens,
  ): Promise<Answered | Unknown | NotSent | Misconfigured> {
    const startedAtMs = performance.now();
    const left = (): number => Math.floor(context.deadlineMs - (performance.now() - startedAtMs));
    let refused: Answered | undefined;
    for (;;) {
      const token = await tokens.token({ deadlineMs: Math.max(1, left()), signal: context.signal });
      // The 401 in hand says more than that there is no other token.
      if (token.type === 'no_token') return refused ?? this.#withoutToken(token, draft, call);
      const deadlineMs = left();
      if (deadlineMs < 1) {
        const late: NoToken = {
          type: 'no_token',
          cause: 'unreachable',
          detail: 'no time left after asking for a token',
        };
        return refused ?? this.#withoutToken(late, draft, call);
      }
      const authorized = { ...draft, headers: { ...draft.headers, authorization: `Bearer ${token.token}` } };
      // By the time of the answer the token may be forgotten; its evidence must not show it all the same.
      const personal = [...call.personal, token.token];
      const ended = await this.#exchange(authorized, { ...call, personal }, { ...context, deadlineMs });
      if (ended.type !== 'answered' || ended.answer.status !== 401) return ended;
      tokens.forget(token.token);
      if (refused !== undefined) return ended;
      refused = ended;
    }
  }

  async #exchange(
    draft: RequestDraft,
    call: { readonly shown: string; readonly personal: readonly string[] },
    context: CallContext,
  ): Promise<Answered | Unknown | NotSent> {
    const { deadlineMs, maySend, signal } = context;
    const exchange = await this.#transport.exchange(requestOf(draft), { deadlineMs, maySend, signal });
    const masker = this.masker(call.personal);
    if (exchange.type === 'answer') return { type: 'answered', answer: exchange, masker };
    return classifyTrouble(exchange, { request: { method: draft.method, path: call.shown }, masker });
  }

  #withoutToken(
    { cause, detail }: NoToken,
    draft: RequestDraft,
    call: { readonly shown: string; readonly personal: readonly string[] },
  ): NotSent | Misconfigured {
    const request = { method: draft.method, path: call.shown };
    const evidence = maskEvidence({ request, detail }, this.masker(call.personal));
    switch (cause) {
      case 'refused':
        return { type: 'misconfigured', code: 'authentication', evidence };
      case 'unreachable':
        return { type: 'not_sent', cause: 'connect_failed', evidence };
      case 'aborted':
        return { type: 'not_sent', cause: 'aborted_before_send', evidence };
    }
  }

  async close(): Promise<void> {
    if (this.#authority.type === 'tokens') await this.#authority.tokens.close();
    await this.#transport.close();
  }
}
