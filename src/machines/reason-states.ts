/** From one table of reasons to one state and one event per reason, with the literal names kept in the types. */

/** What led to an ending, in plain words and numbers: shown to people, never compared by code. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** The words that every table of reasons has: what happened, and what a person can do about it. */
export type ReasonText = { readonly sentence: string; readonly remedy: string };

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

/** What a state for a reason says of itself, for people. */
export const describeReason = ({ sentence, remedy }: ReasonText) => ({
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
