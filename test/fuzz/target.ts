/** What is fuzzed, and how a target says that a promise is kept. */
import { inspect, isDeepStrictEqual } from 'node:util';

import { WireError, type WireFault } from '../../src/io/wire/error.ts';

/** What is before `begin` and after `end` does not count; without them, the whole run does. */
export type Watch = { readonly begin: () => void; readonly end: () => void };

export type Target = {
  /** Also the name of its corpus file. */
  readonly name: string;
  /** Longest input worth trying. */
  readonly maxBytes: number;
  /** Well-formed inputs to begin with. */
  readonly seeds: () => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** Pieces that mutations put in, beside the general ones. */
  readonly words?: readonly Uint8Array[];
  /** Whether inputs are RLP, so that mutations may keep it well-formed. */
  readonly isRlp?: true;
  /**
   * Tries one input, and throws when a promise is broken. What it returns is held while its memory is measured:
   * the result of the decoder. A target that builds a scene for each input says with `watch` which time counts.
   */
  readonly run: (input: Uint8Array, watch: Watch) => unknown;
  /** Bytes it may keep beside what every input may; without an end, memory is judged by `close`. */
  readonly extraBytes?: (input: Uint8Array) => number;
  /** Ends what the target keeps between inputs, and proves that nothing is left. */
  readonly close?: () => Promise<void>;
};

/** What `decode` returns, or null when it throws one of these faults. Anything else it throws goes on. */
export function faultOr<Value>(faults: readonly WireFault[], decode: () => Value): Value | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof WireError && faults.includes(error.fault)) return null;
    throw error;
  }
}

/** {@link faultOr} for a step that takes its time. */
export async function faultOrLater<Value>(
  faults: readonly WireFault[],
  step: Promise<Value>,
): Promise<Value | null> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof WireError && faults.includes(error.fault)) return null;
    throw error;
  }
}

/** What `parse` returns, or null when it throws exactly a TypeError: our own user's mistake, explained. */
export function typeErrorOr<Value>(parse: () => Value): Value | null {
  try {
    return parse();
  } catch (error) {
    const isExplained = error instanceof TypeError && /"|expected|enode/.test(error.message);
    if (isExplained) return null;
    throw error;
  }
}

/** Cheaper than the matchers of a test, and as deep. */
export function demand(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new Error(`broken: ${promise}`);
}

export function demandEqual(actual: unknown, expected: unknown, promise: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`broken: ${promise}: ${inspect(actual)}, not ${inspect(expected)}`);
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const encoder = new TextEncoder();
export const textBytes = (text: string): Uint8Array => encoder.encode(text);

const decoder = new TextDecoder();
/** Every input is some text: what is not UTF-8 becomes U+FFFD. */
export const textOf = (input: Uint8Array): string => decoder.decode(input);
