/** Node records: bytes from discovery and DNS. A byte of settings says whether they are signed anew, because noise has no right signature. */
import { concatBytes } from '@noble/hashes/utils.js';

import { endpointOf, readRecord, signRecord } from '../../src/io/crypto/node-record.ts';
import {
  decodeRecord,
  encodeRecord,
  formatRecord,
  RecordError,
  recordBytes,
  type UnverifiedRecord,
} from '../../src/io/wire/enr.ts';
import { ethEntry, forkIdIn } from '../../src/io/wire/fork-id.ts';
import { encodeRlp } from '../../src/io/wire/rlp.ts';
import { loadVectors } from '../support/crypto.ts';
import { keyOf } from '../support/world.ts';
import { demand, demandEqual, type Target, textBytes } from './target.ts';

type Vectors = { readonly valid: readonly { readonly text: string }[] };

const SIGNED_ANEW = 1;

export const record: Target = {
  name: 'record',
  maxBytes: 320,
  words: ['id', 'v4', 'secp256k1', 'ip', 'ip6', 'tcp', 'udp6', 'eth'].map(textBytes),
  seeds: () =>
    loadVectors<Vectors>('enr.json')
      .valid.slice(0, 12)
      .map(({ text }, index) => concatBytes(Uint8Array.of(index % 2), recordBytes(text))),
  run(input) {
    const decoded = recordErrorOr(() => decodeRecord(input.subarray(1)));
    if (!decoded) return null;
    demandEqual(
      encodeRecord(decoded.signature, decoded.content),
      new Uint8Array(input.subarray(1)),
      'written out, it is the same',
    );
    return input[0] === SIGNED_ANEW
      ? signedAnew(decoded)
      : recordErrorOr(() => read(input.subarray(1)));
  },
};

function signedAnew({ seq, entries }: UnverifiedRecord) {
  const rest = new Map([...entries].filter(([key]) => key !== 'id' && key !== 'secp256k1'));
  const signed = recordErrorOr(() => signRecord({ seq, entries: rest }, keyOf(1)));
  if (!signed) return null;
  for (const [key, value] of rest) demandEqual(signed.entries.get(key), value, 'values are kept');
  demandEqual(read(signed.bytes), signed, 'what we sign is read');
  return signed;
}

function read(bytes: Uint8Array) {
  const found = readRecord(bytes);
  const { host, hostKind, tcpPort, udpPort } = endpointOf(found);
  for (const port of [tcpPort, udpPort])
    demand(Number.isInteger(port) && port >= 0 && port <= 65_535, 'a port is one');
  demand((hostKind === 'none') === (host === ''), 'a host has a kind');
  const forkId = forkIdIn(found.entries);
  if (typeof forkId === 'object')
    demandEqual(
      forkIdIn(new Map([['eth', encodeRlp(ethEntry(forkId))]])),
      forkId,
      'a fork id is read as it is written',
    );
  demandEqual(recordBytes(formatRecord(found.bytes)), found.bytes, 'its text is read');
  return found;
}

function recordErrorOr<Value>(decode: () => Value): Value | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof RecordError) return null;
    throw error;
  }
}
