import type { Sizes } from '../sizes.ts';
import type { Stand } from '../stand/stand.ts';

/** Everything measured, by name; the name ends in the unit, e.g. `settle.0ms.orders/s`. */
export type Figures = Readonly<Record<string, number>>;

/** One picture: lines over a common axis, or bars if `xs` are names. */
export interface Plot {
  readonly name: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xs: readonly string[];
  readonly series: readonly { readonly name: string; readonly ys: readonly number[] }[];
  readonly kind: 'bars' | 'lines';
}

export interface Measured {
  readonly figures: Figures;
  readonly plots?: readonly Plot[];
}

export interface Course {
  readonly stand: Stand;
  readonly sizes: Sizes;
}

/** Measures, and proves its own run right. @throws Error when anything was lost, doubled or left over */
export type Scenario = (course: Course) => Promise<Measured>;
