/**
 * Which implementation of each primitive is used: the fastest that is there and computes known answers. Decided, and
 * loaded, once for each set, when the set is first asked for. What cannot be used is named with the reason.
 */
import { type Curve, expectAnswer } from './curve.ts';
import { javascriptKeccak } from './keccak-javascript.ts';
import { wasmKeccak } from './keccak-wasm.ts';
import { libsecp256k1 } from './libsecp256k1.ts';
import { nodeCiphers } from './node-ciphers.ts';
import { opensslCurve } from './openssl-curve.ts';
import { noblePrimitives, type Primitives, type RunningHash } from './primitives.ts';
import { type KeccakCore, runningKeccakOver } from './running-keccak.ts';

/**
 * `default`: native code where it is installed. `node`: Node's own, without the package `secp256k1`. `portable`: noble
 * and JavaScript throughout, except what has no such choice: the frame cipher and snappy.
 */
export type PrimitiveSetName = 'default' | 'node' | 'portable';

/** For options and the environment. */
export const PRIMITIVE_SETS = Object.freeze(['default', 'node', 'portable'] as const);

/** What a server computes with. */
export type PrimitivesInUse = {
  /** `custom`: given as `ports.primitives`. */
  readonly set: PrimitiveSetName | 'custom';
  readonly curve: 'libsecp256k1' | 'openssl' | 'noble' | 'custom';
  readonly keccak: 'webassembly' | 'javascript' | 'noble' | 'custom';
  /** What would be faster and cannot be used, one sentence each. */
  readonly missing: readonly string[];
};

export type ChosenPrimitives = {
  readonly primitives: Primitives;
  readonly inUse: PrimitivesInUse;
};

/** Loads an implementation, or throws. */
export type PrimitiveLoaders = {
  readonly libsecp256k1: () => Curve;
  readonly openssl: () => Curve;
  readonly webassembly: () => KeccakCore;
  readonly javascript: () => KeccakCore;
};

const LOADERS: PrimitiveLoaders = {
  libsecp256k1,
  openssl: opensslCurve,
  webassembly: wasmKeccak,
  javascript: javascriptKeccak,
};

/** In order of speed; noble takes the place of what is missing. */
const CURVES = {
  default: ['libsecp256k1', 'openssl'],
  node: ['openssl'],
  portable: [],
} as const;
const KECCAKS = {
  default: ['webassembly', 'javascript'],
  node: ['webassembly', 'javascript'],
  portable: ['javascript'],
} as const;

/** The names that people know. */
const LABELS = {
  libsecp256k1: 'the native package secp256k1',
  openssl: 'secp256k1 of OpenSSL',
  webassembly: 'Keccak as WebAssembly',
  javascript: 'Keccak as unrolled JavaScript',
} as const satisfies Record<keyof PrimitiveLoaders, string>;

/** Keccak-256 of nothing. */
const KECCAK_OF_NOTHING = 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470';

const ENVIRONMENT = 'PEERCHART_PRIMITIVES';

const chosen = new Map<PrimitiveSetName, ChosenPrimitives>();

/**
 * The set of this process: `PEERCHART_PRIMITIVES` of the environment, or `default`.
 *
 * @throws {TypeError} The environment names no set.
 */
export function defaultSet(): PrimitiveSetName {
  const named = process.env[ENVIRONMENT] || 'default';
  const set = PRIMITIVE_SETS.find((name) => name === named);
  if (!set)
    throw new TypeError(`${ENVIRONMENT} expected ${PRIMITIVE_SETS.join(', ')}, got "${named}"`);
  return set;
}

/** Never throws: an implementation that does not load is one of `missing`. */
export function primitivesOf(set: PrimitiveSetName): ChosenPrimitives {
  const before = chosen.get(set);
  if (before) return before;
  const now = choosePrimitives(set, LOADERS);
  chosen.set(set, now);
  return now;
}

/** @param load Replaced by tests. */
export function choosePrimitives(set: PrimitiveSetName, load: PrimitiveLoaders): ChosenPrimitives {
  const missing: string[] = [];
  const first = <Name extends keyof PrimitiveLoaders, Part>(
    names: readonly Name[],
    make: (name: Name) => Part,
  ): { readonly name: Name; readonly part: Part } | null => {
    for (const name of names)
      try {
        return { name, part: make(name) };
      } catch (error) {
        missing.push(`${LABELS[name]} is not used: ${firstLineOf(error)}`);
      }
    return null;
  };
  const curve = first<'libsecp256k1' | 'openssl', Curve>(CURVES[set], (name) => load[name]());
  const keccak = first<'webassembly' | 'javascript', () => RunningHash>(KECCAKS[set], (name) =>
    checkedKeccak(runningKeccakOver(load[name]())),
  );
  const runningKeccak256 = keccak?.part ?? noblePrimitives.runningKeccak256;
  return Object.freeze({
    primitives: Object.freeze({
      ...noblePrimitives,
      ...(set !== 'portable' && nodeCiphers),
      ...curve?.part,
      runningKeccak256,
      ...(keccak && { keccak256: (...parts: Uint8Array[]) => digestOf(runningKeccak256(), parts) }),
    }),
    inUse: Object.freeze({
      set,
      curve: curve?.name ?? 'noble',
      keccak: keccak?.name ?? 'noble',
      missing: Object.freeze(missing),
    }),
  });
}

export const CUSTOM_PRIMITIVES: PrimitivesInUse = Object.freeze({
  set: 'custom',
  curve: 'custom',
  keccak: 'custom',
  missing: Object.freeze([]),
});

function checkedKeccak(runningKeccak256: () => RunningHash): () => RunningHash {
  expectAnswer('the hash', digestOf(runningKeccak256(), []), KECCAK_OF_NOTHING);
  return runningKeccak256;
}

function digestOf(hash: RunningHash, parts: readonly Uint8Array[]): Uint8Array {
  for (const part of parts) hash.update(part);
  const digest = new Uint8Array(32);
  hash.digestInto(digest);
  return digest;
}

/** For people: `libsecp256k1, webassembly`. */
export function primitivesText({ set, curve, keccak }: PrimitivesInUse): string {
  return set === 'custom' ? set : `${curve}, ${keccak}${set === 'default' ? '' : ` (${set})`}`;
}

const firstLineOf = (error: unknown): string => String(error).split('\n', 1)[0]!;
