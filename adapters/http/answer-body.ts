/** Collects an answer's body up to a bound, so that no remote decides how much memory one call takes. */
export class AnswerBody {
  readonly #bytesMax: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** False once the bound is passed; the chunk that passes it is not kept. */
  add(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#bytesMax) return false;
    this.#chunks.push(chunk);
    return true;
  }

  /** Bytes that are not UTF-8 become U+FFFD: an answer that is unreadable further on, never an exception. */
  text(): string {
    const [only] = this.#chunks;
    if (only === undefined) return '';
    return (this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks, this.#bytes)).toString('utf8');
  }
}

/** One shape for the header objects of undici and node:http. */
export function joinHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return joined;
}
