/** A hash of a chart: it differs when the chart differs. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

import { chartModel } from '../../charts/chart-model.ts';
import { MACHINE_IDS, machineOf } from './event-forms.ts';

const HASH_DIGITS = 16;

/** Null for an unknown machine. */
export function chartHash(machine: string): string | null {
  const known = machineOf(machine);
  if (!known) return null;
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(chartModel(known))))).slice(0, HASH_DIGITS);
}

/** Of every machine, by its id. */
export const chartHashes = (): Readonly<Record<string, string>> =>
  Object.fromEntries(MACHINE_IDS.map((id) => [id, chartHash(id)!]));
