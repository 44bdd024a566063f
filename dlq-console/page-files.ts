/** The page that people work in: static files that Vite built, and a policy under which nothing else can run. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { RequestHandler, Response } from 'express';

/** Where `dlq-console/page/build.ts` writes. */
const builtFolder = join(import.meta.dirname, 'page', 'dist');

/** Stands in the built page for what is made anew with every answer. */
const nonceMark = '__NONCE__';
const nonceBytes = 18;

const mediaTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Answers `GET /` and `GET /assets/...`; all else goes on. Files are read once, at the start: what is asked for is
 * looked up by its whole name and never becomes a path. A file under /assets is named by its content and kept for ever;
 * the page itself is kept by nobody. Without a built page `/` says how to build it.
 */
export function servePage(folder: string = builtFolder): RequestHandler {
  const page = existsSync(join(folder, 'index.html'))
    ? readFileSync(join(folder, 'index.html'), 'utf8')
    : undefined;
  const files = new Map<string, File>(page === undefined ? [] : filesIn(join(folder, 'assets')));

  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      next();
      return;
    }
    if (request.path === '/') {
      if (page === undefined) answerUnbuilt(response);
      else answerPage(response, page);
      return;
    }
    const file = files.get(request.path);
    if (file === undefined) {
      next();
      return;
    }
    secure(response);
    response.writeHead(200, {
      'Content-Type': file.mediaType,
      'Content-Length': file.content.length,
      'Cache-Control': 'public, max-age=31536000, immutable',
    });
    response.end(file.content);
  };
}

interface File {
  readonly mediaType: string;
  readonly content: Buffer;
}

function filesIn(folder: string): readonly (readonly [path: string, file: File])[] {
  return readdirSync(folder).flatMap((name) => {
    const mediaType = mediaTypes[extname(name)];
    if (mediaType === undefined) return [];
    return [[`/assets/${name}`, { mediaType, content: readFileSync(join(folder, name)) }] as const];
  });
}

function answerPage(response: Response, page: string): void {
  const nonce = randomBytes(nonceBytes).toString('base64url');
  secure(response, policy(nonce));
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(page.replaceAll(nonceMark, nonce));
}

function answerUnbuilt(response: Response): void {
  secure(response);
  response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(
    'The page is not built. Run: node dev/bootstrap.mjs dlq-console/page/build.ts, and start the console again.\n',
  );
}

/**
 * Scripts come as files of this very server or with the nonce of this very answer, styles too; the kit makes its styles
 * at run time and puts the nonce on them. Nothing is framed, nothing is sent elsewhere.
 */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}

function secure(response: Response, contentPolicy = "default-src 'none'; frame-ancestors 'none'"): void {
  response.setHeader('Content-Security-Policy', contentPolicy);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader(
    'Permissions-Policy',
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=()',
  );
}
