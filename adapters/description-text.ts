import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';

import { nearestField } from './field-names.ts';

/** One thing wrong in a description. */
export interface DescriptionProblem {
  /** As in `limits.callTimeoutMs`; empty for the whole. */
  readonly path: string;
  /** From 1; undefined where the text has no place for it. */
  readonly line: number | undefined;
  /** From 1, in characters; undefined with the line. */
  readonly column: number | undefined;
  readonly reason: string;
}

/** A description that cannot be used. Its message lists every problem and holds no secret. */
export class DescriptionError extends Error {
  readonly code = 'HUB_DESCRIPTION_INVALID';
  readonly source: string;
  readonly problems: readonly DescriptionProblem[];

  constructor(source: string, problems: readonly DescriptionProblem[]) {
    const lines = problems.map(({ path, line, column, reason }) =>
      [
        source + (line === undefined ? '' : `:${line}:${column}`),
        ...(path === '' ? [] : [path]),
        reason,
      ].join(': '),
    );
    super(lines.join('\n'));
    this.name = 'DescriptionError';
    this.source = source;
    this.problems = problems;
  }
}

/** More than any description needs, and little enough to be read in no time whatever it holds. */
const TEXT_CHARS_MAX = 262_144;

/**
 * Reads YAML 1.2 and checks it, so that a wrong file is told with its line, column, path and reason, all errors at once.
 *
 * @throws DescriptionError
 */
export function readDescription<S extends z.ZodType>(schema: S, text: string, source: string): z.output<S> {
  const whole = (reason: string): DescriptionError =>
    new DescriptionError(source, [{ path: '', line: undefined, column: undefined, reason }]);
  if (text.length > TEXT_CHARS_MAX) throw whole(`is longer than ${TEXT_CHARS_MAX} characters`);
  try {
    return check(schema, text, source);
  } catch (error) {
    // Parser and checks descend as deep as the text does.
    if (error instanceof RangeError) throw whole('is nested too deep');
    // Aliases that unfold into more than their bound.
    if (error instanceof ReferenceError) throw whole(error.message);
    throw error;
  }
}

function check<S extends z.ZodType>(schema: S, text: string, source: string): z.output<S> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0) {
    throw new DescriptionError(
      source,
      document.errors.map(({ pos, message }) => {
        const { line, col } = lineCounter.linePos(pos[0]);
        return { path: '', line, column: col, reason: message };
      }),
    );
  }
  // A bound on aliases: a small file must not unfold into a large one.
  const checked = schema.safeParse(document.toJS({ maxAliasCount: 20 }));
  if (checked.success) return checked.data;
  throw new DescriptionError(
    source,
    checked.error.issues.flatMap((issue) => problemsOf(issue, [], { schema, document, lines: lineCounter })),
  );
}

/** Where problems are, and what would have been none. */
interface Place {
  readonly schema: z.ZodType;
  readonly document: Document;
  readonly lines: LineCounter;
}

function problemsOf(
  issue: z.core.$ZodIssue,
  within: readonly PropertyKey[],
  read: Place,
): DescriptionProblem[] {
  const { schema, document, lines } = read;
  const path = [...within, ...issue.path];
  const place = (at: readonly PropertyKey[], reason: string): DescriptionProblem => ({
    path: at.map(String).join('.'),
    ...positionOf(at, document, lines),
    reason,
  });
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const meant = nearestField(schema, key);
      return place([...path, key], `unknown field${meant === undefined ? '' : `; did you mean ${meant}?`}`);
    });
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => place(path, message));
  if (issue.code === 'invalid_union') {
    const closest = closestBranch(issue.errors);
    if (closest !== undefined) return closest.flatMap((inner) => problemsOf(inner, path, read));
  }
  return [place(path, issue.message)];
}

/**
 * Of a choice's ways of being wrong the one that was meant: it goes deeper into what is there, or at least complains of
 * something else than its kind. Undefined if none was even nearly meant.
 */
function closestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const meant = branches.filter((issues) =>
    issues.some(({ code, path }) => path.length > 0 || code !== 'invalid_type'),
  );
  return meant.length === 1 ? meant[0] : undefined;
}

/** The place of the field, or of the nearest one around it that the text has. */
function positionOf(
  path: readonly PropertyKey[],
  document: Document,
  lines: LineCounter,
): { readonly line: number | undefined; readonly column: number | undefined } {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      const { line, col } = lines.linePos(Number(node.range[0]));
      return { line, column: col };
    }
  }
  return { line: undefined, column: undefined };
}
