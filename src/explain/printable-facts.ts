/** The facts of an ending, safe for logs and terminals: they may quote a remote. */
import { printable } from '../io/wire/printable.ts';
import type { Facts } from '../machines/reason-states.ts';

/** Escapes and shortens every text. @param maxChars Longest text, in UTF-16 units; 128 by default. */
export function printableFacts(facts: Facts, maxChars?: number): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      typeof value === 'string' ? printable(value, maxChars) : value,
    ]),
  );
}
