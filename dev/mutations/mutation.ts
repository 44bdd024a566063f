/** One text of one file, and what stands there without the rule. */
export interface Patch {
  readonly file: string;
  /** Met exactly once in the file. */
  readonly text: string;
  readonly without: string;
}

/** A rule of settlement, taken away. */
export interface Mutation {
  readonly rule: string;
  /** What the code does without it. */
  readonly without: string;
  readonly patches: readonly Patch[];
}
