/** `peerchart enr`: reads node records, shows that of a node, and signs new ones. */
import { stat } from 'node:fs/promises';
import { bytesToHex } from '@noble/hashes/utils.js';

import { DEFAULTS } from '../api/options.ts';
import { levelDatabase } from '../io/adapters/level-database.ts';
import { formatEnode } from '../io/crypto/enode.ts';
import { parseRecord } from '../io/crypto/node.ts';
import {
  endpointOf,
  hasEntries,
  type NodeRecord,
  type RecordEndpoint,
  recordValue,
  signRecord,
} from '../io/crypto/node-record.ts';
import { systemRandom } from '../io/crypto/primitives.ts';
import { BoundedNodeStore } from '../io/discovery/node-store.ts';
import { systemClock } from '../io/process/clock.ts';
import { unixTimeMs } from '../io/process/wall-time.ts';
import { formatRecord, type RecordEntries } from '../io/wire/enr.ts';
import { hostOfBytes, parseIp } from '../io/wire/ip-address.ts';
import { printable } from '../io/wire/printable.ts';
import { decodeRlp, type RlpValue } from '../io/wire/rlp.ts';
import { placesIn } from '../node/data-directory.ts';
import { loadNodeKey } from '../server/node-key-file.ts';
import { CommandError } from './error.ts';
import type { Terminal } from './terminal.ts';

export type EnrDecodeOptions = { readonly json?: boolean };

export type EnrShowOptions = Omit<EnrNewOptions, 'seq'>;

export type EnrNewOptions = {
  readonly seq: number;
  readonly ip?: string;
  readonly ip6?: string;
  readonly tcp?: number;
  readonly udp?: number;
  readonly allowReadableKey?: boolean;
  readonly json?: boolean;
};

/** Entries that are shown as a number. */
const PORTS: ReadonlySet<string> = new Set(['tcp', 'udp', 'tcp6', 'udp6', 'quic', 'quic6']);

/** Longest key or value that is shown, in UTF-16 units: a record has 300 bytes. */
const MAX_SHOWN = 640;

/** @throws {CommandError} The text is no record. */
export function enrDecode(text: string, { json }: EnrDecodeOptions, { stdout }: Terminal): number {
  return show(recordIn(text), json, stdout);
}

function show(record: NodeRecord, json: boolean | undefined, stdout: Terminal['stdout']): number {
  const endpoint = endpointOf(record);
  const entries = [...record.entries].map(([key, value]) => [key, shownValue(key, value)] as const);
  if (json)
    stdout.write(
      `${JSON.stringify({
        type: 'enr',
        id: record.id,
        seq: record.seq,
        bytes: record.bytes.length,
        enr: formatRecord(record.bytes),
        ...endpoint,
        enode: enodeOf(record, endpoint),
        entries: Object.fromEntries(entries),
      })}\n`,
    );
  else
    for (const [name, value] of rowsOf(record, endpoint, entries))
      stdout.write(`${name.padEnd(10)}  ${value}\n`);
  return 0;
}

/**
 * Prints the record that a node with this key would have if it started now: the last one of its data directory, or one
 * with a higher number if that says something else.
 *
 * @param path A key file, or a data directory.
 * @throws {CommandError} An address is of the wrong family, or the node runs. @throws {KeyFileError} The key cannot be used.
 */
export async function enrShow(
  path: string,
  { json, ip = LOOPBACK, ip6, tcp = DEFAULTS.listen.port, udp, allowReadableKey }: EnrShowOptions,
  { stdout }: Terminal,
): Promise<number> {
  const { nodekey, nodes } = (await isFolder(path))
    ? placesIn(path)
    : { nodekey: path, nodes: null };
  const key = await loadNodeKey(nodekey, { allowReadable: allowReadableKey === true });
  const last = nodes !== null && (await isFolder(nodes)) ? await lastRecord(nodes, key.id) : null;
  const entries = entriesOf({ ip, ip6, tcp, udp });
  const seq = Math.max((last?.seq ?? 0) + 1, unixTimeMs());
  const record = last && hasEntries(last, entries) ? last : signRecord({ seq, entries }, key);
  if (!json) stdout.write(`${formatRecord(record.bytes)}\n`);
  return show(record, json, stdout);
}

const LOOPBACK = '127.0.0.1';

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** @throws {CommandError} The database cannot be read; a node that runs has it open. */
async function lastRecord(folder: string, id: string): Promise<NodeRecord | null> {
  const store = new BoundedNodeStore({
    clock: systemClock,
    random: systemRandom,
    unixTimeMs,
    openDatabase: levelDatabase(folder),
  });
  let fault = '';
  await store.open((message) => {
    fault = message;
  });
  const { isPersistent } = store;
  const record = store.localRecord(id);
  await store.close();
  if (!isPersistent)
    throw new CommandError(
      `${fault}. A node that runs prints its record when it starts, with --json`,
    );
  return record;
}

/**
 * Signs a record with the key of a file and prints its text form.
 *
 * @throws {CommandError} An address is of the wrong family. @throws {KeyFileError} The file cannot be used.
 */
export async function enrNew(
  file: string,
  { seq, ip, ip6, tcp, udp, allowReadableKey, json = false }: EnrNewOptions,
  { stdout }: Terminal,
): Promise<number> {
  const key = await loadNodeKey(file, { allowReadable: allowReadableKey === true });
  const record = signRecord({ seq, entries: entriesOf({ ip, ip6, tcp, udp }) }, key);
  if (json) return show(record, json, stdout);
  stdout.write(`${formatRecord(record.bytes)}\n`);
  return 0;
}

/** Entries that were given. */
type Places = {
  readonly [Key in 'ip' | 'ip6' | 'tcp' | 'udp']: EnrNewOptions[Key] | undefined;
};

function entriesOf({ ip, ip6, tcp, udp }: Places): RecordEntries {
  const given = [
    ['ip', addressBytes('--ip', ip, 'ipv4')],
    ['ip6', addressBytes('--ip6', ip6, 'ipv6')],
    ['tcp', tcp],
    ['udp', udp],
  ] as const;
  const entries = new Map<string, Uint8Array>();
  for (const [name, value] of given) if (value !== undefined) entries.set(name, recordValue(value));
  return entries;
}

function addressBytes(
  flag: string,
  text: string | undefined,
  family: 'ipv4' | 'ipv6',
): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const address = parseIp(text);
  if (address?.kind() !== family)
    throw new CommandError(
      `${flag} expected an IPv${family === 'ipv4' ? 4 : 6} address, got ${JSON.stringify(text)}`,
    );
  return Uint8Array.from(address.toByteArray());
}

function recordIn(text: string): NodeRecord {
  try {
    return parseRecord(text);
  } catch (error) {
    if (error instanceof TypeError) throw new CommandError(error.message);
    throw error;
  }
}

/** Null for a record without an address: no enode URL can say that. */
function enodeOf(record: NodeRecord, { hostKind, ...place }: RecordEndpoint): string | null {
  if (hostKind === 'none') return null;
  const { publicKey, id } = record;
  return formatEnode({ publicKey, id, hostKind, ...place });
}

function rowsOf(
  record: NodeRecord,
  endpoint: RecordEndpoint,
  entries: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] {
  return [
    ['node id', record.id],
    ['sequence', String(record.seq)],
    ['size', `${record.bytes.length} bytes`],
    ['enode', enodeOf(record, endpoint) ?? 'none: the record has no address'],
    ...entries.map(([key, value]) => [printable(key), value] as const),
  ];
}

/** Numbers and addresses as such, every other value in hex. */
function shownValue(key: string, encoded: Uint8Array): string {
  const value = decodeRlp(encoded);
  if (value instanceof Uint8Array) {
    if (key === 'id') return printable(String.fromCharCode(...value), MAX_SHOWN);
    if (PORTS.has(key) && value.length <= 2) return String(value.reduce((n, b) => n * 256 + b, 0));
    if (key === 'ip' && value.length === 4) return hostOfBytes(value);
    if (key === 'ip6' && value.length === 16) return hostOfBytes(value);
  }
  return hexOf(value);
}

/** Lists in brackets. */
const hexOf = (value: RlpValue): string =>
  value instanceof Uint8Array ? `0x${bytesToHex(value)}` : `[${value.map(hexOf).join(', ')}]`;
