/** A chain that is no public network, as a JSON file: for `--network`. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseTreeUrl } from '../io/crypto/dns-tree-entry.ts';
import { parseNode } from '../io/crypto/node.ts';
import { TreeError } from '../io/wire/dns-tree.ts';
import type { Network } from '../protocols/networks.ts';
import { CommandError } from './error.ts';

/** Largest file, in bytes: room for hundreds of bootnodes. Ours. */
const MAX_NETWORK_BYTES = 64 * 1024;

/** What a file may have; the first two must be there. */
const FIELDS = [
  'networkId',
  'genesisHash',
  'genesisTime',
  'blocks',
  'times',
  'bootnodes',
  'dnsTrees',
] as const;

type Field = (typeof FIELDS)[number];

/** @throws {CommandError} It cannot be read, or is no description of a network; the message has the file and the field. */
export function readNetworkFile(path: string): Network {
  const given = parse(path, textOf(path));
  const unknown = Object.keys(given).find((key) => !FIELDS.some((field) => field === key));
  if (unknown !== undefined)
    throw wrong(path, `"${unknown}" is not known; the fields are ${FIELDS.join(', ')}`);
  const read = <Value>(field: Field, as: (value: unknown) => Value, otherwise?: unknown): Value => {
    try {
      return as(given[field] ?? otherwise);
    } catch (error) {
      if (!(error instanceof TypeError) && !(error instanceof TreeError)) throw error;
      throw wrong(path, `"${field}" ${error.message}`);
    }
  };
  return {
    name: basename(path, '.json'),
    source: path,
    chain: {
      networkId: read('networkId', asWhole),
      genesisHash: read('genesisHash', asHash),
      genesisTime: read('genesisTime', asWhole, 0),
      blocks: read('blocks', listOf(asWhole), []),
      times: read('times', listOf(asWhole), []),
    },
    bootnodes: read('bootnodes', listOf(asText(parseNode)), []),
    dnsTrees: read('dnsTrees', listOf(asText(parseTreeUrl)), []),
  };
}

function textOf(path: string): string {
  let file: number | null = null;
  try {
    // non-blocking, or a named pipe at the path would keep us waiting for a writer
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new TypeError('it is not a file');
    if (stats.size > MAX_NETWORK_BYTES)
      throw new TypeError(`it has more than ${MAX_NETWORK_BYTES} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(path, `cannot be read: ${(error as Error).message}`);
  } finally {
    if (file !== null) closeSync(file);
  }
}

function parse(path: string, text: string): Partial<Record<Field, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(path, `not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(path, 'expected an object');
  return value;
}

function asWhole(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new TypeError('expected a whole number from 0 on');
  return value;
}

function asHash(value: unknown): string {
  const [, digits] = /^(?:0x)?([\da-f]{64})$/i.exec(String(value)) ?? [];
  if (digits === undefined) throw new TypeError('expected a hash of 64 hex digits');
  return digits.toLowerCase();
}

const listOf =
  <Item>(as: (value: unknown) => Item) =>
  (value: unknown): readonly Item[] => {
    if (!Array.isArray(value)) throw new TypeError('expected a list');
    return value.map(as);
  };

const asText =
  (check: (text: string) => unknown) =>
  (value: unknown): string => {
    if (typeof value !== 'string') throw new TypeError('expected texts');
    check(value);
    return value;
  };

const wrong = (path: string, what: string): CommandError => new CommandError(`${path}: ${what}`);
