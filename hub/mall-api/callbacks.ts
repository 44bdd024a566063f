import type { Request, Response } from 'express';
import type { Callbacks } from '../callbacks/callbacks.ts';

/**
 * POST /v1/callbacks/{channel}. No key: what a channel sends is believed by its signature, over the body as it came
 * in. Once it is kept, and for the same event again, 204, or what the channel's description wants.
 */
export function takeCallbacks(callbacks: Callbacks) {
  return async (request: Request, response: Response): Promise<void> => {
    const { channel } = request.params;
    const octets = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    const wanted = await callbacks.take(String(channel), { headers: request.headers, octets });
    const cache = { 'Cache-Control': 'no-store' };
    if (wanted === undefined) response.writeHead(204, cache).end();
    else response.writeHead(wanted.status, { ...cache, 'Content-Type': wanted.type }).end(wanted.body);
  };
}
