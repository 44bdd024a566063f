import type { Request, Response } from 'express';
import type { Callbacks } from '../callbacks/callbacks.ts';

/**
 * POST /v1/callbacks/{channel}. No key: what a channel sends is believed by its signature, over the body as it came
 * in. 204 once it is kept, and for the same event again.
 */
export function takeCallbacks(callbacks: Callbacks) {
  return async (request: Request, response: Response): Promise<void> => {
    const { channel } = request.params;
    const octets = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    await callbacks.take(String(channel), { headers: request.headers, octets });
    response.writeHead(204, { 'Cache-Control': 'no-store' }).end();
  };
}
