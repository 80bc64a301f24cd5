/** The facts of an ending, fit for logs and terminals: they may quote a stranger. */
import { printable } from '../io/wire/printable.ts';
import type { Facts } from '../machines/reason-states.ts';

/** @param maxChars Of each text among them, in UTF-16 units; 128 unless told. */
export function printableFacts(facts: Facts, maxChars?: number): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      typeof value === 'string' ? printable(value, maxChars) : value,
    ]),
  );
}
