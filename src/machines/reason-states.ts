/** From one table of reasons to one state and one event per reason, with the literal names kept in the types. */

/** What led to an ending, as words and numbers: shown to people, never compared by code. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** `unknown`: what happened is known, and its cause is not. */
export type Confidence = 'certain' | 'likely' | 'possible' | 'unknown';

/** What every row of a table of reasons has, for operators. */
export type ReasonText = {
  /** How sure `sentence` names the cause, when nothing else is known. */
  readonly confidence: Confidence;
  /** The cause, in one sentence. */
  readonly sentence: string;
  /** What to do about it, in the imperative. */
  readonly remedy: string;
};

/** `Object.fromEntries` over the keys of a table that keeps the literal keys, so that state values stay typed. */
export function mapKeys<Table extends object, Value>(
  table: Table,
  make: (key: keyof Table & string) => Value,
): { [Key in keyof Table & string]: Value } {
  const keys = Object.keys(table) as (keyof Table & string)[];
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as {
    [Key in keyof Table & string]: Value;
  };
}

/** The description and remedy that a chart shows for the state of a reason. */
export const describeReason = ({ sentence, remedy }: Pick<ReasonText, 'sentence' | 'remedy'>) => ({
  description: sentence,
  meta: { remedy },
});

/** Like {@link mapKeys}, under event names such as `reject.tooManyPeers`. */
export function mapEvents<Prefix extends string, Table extends object, Value>(
  prefix: Prefix,
  table: Table,
  make: (key: keyof Table & string) => Value,
): { [Key in keyof Table & string as `${Prefix}.${Key}`]: Value } {
  const keys = Object.keys(table) as (keyof Table & string)[];
  return Object.fromEntries(keys.map((key) => [`${prefix}.${key}`, make(key)])) as {
    [Key in keyof Table & string as `${Prefix}.${Key}`]: Value;
  };
}
