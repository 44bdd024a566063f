/** The page that people work in: static files that Vite built, and a policy under which nothing else can run. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Request, RequestHandler, Response } from 'express';

/** Where `dlq-console/page/build.ts` writes. */
const builtFolder = join(import.meta.dirname, 'page', 'dist');

/** What is asked here is the API's, or a file's; every other address may be one of the page's. */
const notOfPage = /^\/(ops|assets)(\/|$)/;

/** Stands in the built page for what is made anew with every answer. */
const nonceMark = '__NONCE__';
const nonceBytes = 18;

const mediaTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Answers `GET /` and `GET /assets/...`; all else goes on. Files are read once, at the start, with what they were
 * compressed to: what is asked for is looked up by its whole name and never becomes a path. A file under /assets is named
 * by its content and kept for ever; the page itself is kept by nobody. Without a built page `/` says how to build it.
 *
 * The page's own addresses are behind the `#`. A person who types one without it is led there.
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
    if (file !== undefined) {
      answerFile(request, response, file);
      return;
    }
    if (page !== undefined && !notOfPage.test(request.path) && request.accepts('json', 'html') === 'html') {
      secure(response);
      response.writeHead(302, { Location: `/#${request.url}`, 'Cache-Control': 'no-store' }).end();
      return;
    }
    next();
  };
}

interface File {
  readonly mediaType: string;
  /** By the name of its coding, the smallest first; `identity` is the file as it is. */
  readonly contents: ReadonlyMap<string, Buffer>;
}

/** How files lie beside the plain one, the smallest first. */
const codings = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
  { name: 'identity', ending: '' },
] as const;

function answerFile(request: Request, response: Response, { mediaType, contents }: File): void {
  // Ours is the order: by the header's own, browsers would get gzip, which they name first.
  const coding = [...contents.keys()].find((one) => request.acceptsEncodings(one) !== false) ?? 'identity';
  const content = contents.get(coding) ?? Buffer.alloc(0);
  secure(response);
  response.writeHead(200, {
    'Content-Type': mediaType,
    'Content-Length': content.length,
    ...(coding === 'identity' ? {} : { 'Content-Encoding': coding }),
    Vary: 'Accept-Encoding',
    'Cache-Control': 'public, max-age=31536000, immutable',
  });
  response.end(content);
}

function filesIn(folder: string): readonly (readonly [path: string, file: File])[] {
  return readdirSync(folder).flatMap((name) => {
    const mediaType = mediaTypes[extname(name)];
    if (mediaType === undefined) return [];
    const contents = codings.flatMap(({ name: coding, ending }) => {
      const path = join(folder, `${name}${ending}`);
      return existsSync(path) ? [[coding, readFileSync(path)] as const] : [];
    });
    return [[`/assets/${name}`, { mediaType, contents: new Map(contents) }] as const];
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
