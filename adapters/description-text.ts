import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';

/** One thing wrong in a description. */
export interface DescriptionProblem {
  /** As in `limits.callTimeoutMs`; empty for the whole. */
  readonly path: string;
  /** From 1; undefined where the text has no place for it. */
  readonly line: number | undefined;
  readonly reason: string;
}

/** A description that cannot be used. Its message lists every problem and holds no secret. */
export class DescriptionError extends Error {
  readonly code = 'HUB_DESCRIPTION_INVALID';
  readonly source: string;
  readonly problems: readonly DescriptionProblem[];

  constructor(source: string, problems: readonly DescriptionProblem[]) {
    const lines = problems.map(({ path, line, reason }) =>
      [source + (line === undefined ? '' : `:${line}`), ...(path === '' ? [] : [path]), reason].join(': '),
    );
    super(lines.join('\n'));
    this.name = 'DescriptionError';
    this.source = source;
    this.problems = problems;
  }
}

/**
 * Reads YAML 1.2 and checks it, so that a wrong file is told with its line, path and reason, all errors at once.
 *
 * @throws DescriptionError
 */
export function readDescription<S extends z.ZodType>(schema: S, text: string, source: string): z.output<S> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new DescriptionError(
      source,
      document.errors.map(({ pos, message }) => ({
        path: '',
        line: lineCounter.linePos(pos[0]).line,
        reason: message,
      })),
    );
  }
  // A bound on aliases: a small file must not unfold into a large one.
  const checked = schema.safeParse(document.toJS({ maxAliasCount: 20 }));
  if (checked.success) return checked.data;
  throw new DescriptionError(
    source,
    checked.error.issues.flatMap((issue) => problemsOf(issue, document, lineCounter)),
  );
}

function problemsOf(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): DescriptionProblem[] {
  const place = (path: readonly PropertyKey[], reason: string): DescriptionProblem => ({
    path: path.map(String).join('.'),
    line: lineOf(path, document, lines),
    reason,
  });
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => place([...issue.path, key], 'unknown field'));
  }
  return [place(issue.path, issue.message)];
}

/** The line of the field, or of the nearest one around it that the text has. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): number | undefined {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      return lines.linePos(Number(node.range[0])).line;
    }
  }
  return undefined;
}
