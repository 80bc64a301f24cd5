/** Values of untrusted JSON, as the page keeps them: text cut and printable, lists cut, numbers in range. */

/** Longest text that is kept, in UTF-16 units, and longest list. Ours: our writer stays far below. */
const MAX_CHARS = 512;
export const MAX_ITEMS = 64;

/** Characters that can mislead a terminal or a reader: see `printable` of io/wire. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

export type Fields = Readonly<Record<string, unknown>>;

export const fields = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

export function words(value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  const cut = text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
  return cut.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

export const listOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.slice(0, MAX_ITEMS).map(words) : [];

export const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

export const amount = (value: unknown): number => (isTime(value) ? value : 0);

export const among =
  <Word extends string>(...all: readonly Word[]) =>
  (value: unknown): value is Word =>
    all.includes(value as Word);
