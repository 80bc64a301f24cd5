/** Inputs worth keeping, one file per target and one line of hex per input. Those that once broke a promise have a file of their own. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import type { Target } from './target.ts';

const FOLDER = new URL('./corpus/', import.meta.url);

/** `corpus`: reached something new. `crashers`: broke a promise, and must never again. */
export type Kind = 'corpus' | 'crashers';

export function readInputs({ name }: Pick<Target, 'name'>, kind: Kind): Uint8Array[] {
  const file = fileOf(name, kind);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').slice(0, -1).map(hexToBytes);
}

export function writeCorpus({ name }: Pick<Target, 'name'>, inputs: readonly Uint8Array[]): void {
  const lines = [...new Set(inputs.map(bytesToHex))];
  lines.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)); // so that a new one is one new line
  writeFileSync(fileOf(name, 'corpus'), lines.map((line) => `${line}\n`).join(''));
}

export function addCrasher({ name }: Pick<Target, 'name'>, input: Uint8Array): void {
  appendFileSync(fileOf(name, 'crashers'), `${bytesToHex(input)}\n`);
}

function fileOf(name: string, kind: Kind): URL {
  return new URL(kind === 'corpus' ? `${name}.hex` : `${name}.crashers.hex`, FOLDER);
}
