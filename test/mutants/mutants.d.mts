/** A defect that is put into a source file while its test runs. */
export type Mutant = {
  /** The defect D1 to D7, the row of the security specification, or U and a number for a fault seen in use; and a few words. */
  readonly id: string;
  /** What is wrong with it, in a sentence. */
  readonly breaks: string;
  readonly file: string;
  /** Source text that occurs once in `file`, and what stands there instead. */
  readonly from: string;
  readonly to: string;
  /** The test that has to fail: its file, and its full name. */
  readonly test: readonly [file: string, name: string];
};

export declare const MUTANTS: readonly Mutant[];
