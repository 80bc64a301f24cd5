/**
 * Node records (ENR) as bytes and as text: structure, order of keys, size. Who signed them is checked in
 * `io/crypto/node-record.ts`.
 * Source: EIP-778, devp2p/enr.md.
 */
import { WireError } from './error.ts';
import { asBytes, asUint64, decodeRlp, encodeRlp, joinRlpList, splitRlpList } from './rlp.ts';

/** Longest record, in bytes of RLP. */
export const MAX_RECORD_BYTES = 300;

/** Longest text form: the prefix, and 300 bytes in base64. */
const MAX_TEXT_CHARS = 404;

const PREFIX = 'enr:';

/** Why bytes or a text are not a record. */
export type RecordFault =
  | 'recordTooBig'
  | 'malformedRecord'
  | 'unknownIdentityScheme'
  | 'invalidPublicKey'
  | 'badRecordSignature';

/** Bytes or a text from outside that are no record. Match on `fault`; the message is for people only. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly fault: RecordFault;

  constructor(fault: RecordFault, detail: string) {
    super(`${fault}: ${detail}`);
    this.fault = fault;
  }
}

/** The RLP of each value by its key, in ascending order. A key has one UTF-16 unit for each of its bytes. */
export type RecordEntries = ReadonlyMap<string, Uint8Array>;

export type RecordContent = {
  /** From 0 on; `Number.MAX_SAFE_INTEGER` stands for every larger one. */
  readonly seq: number;
  readonly entries: RecordEntries;
};

/** A record whose signature is not checked. */
export type UnverifiedRecord = RecordContent & {
  readonly signature: Uint8Array;
  /** What is signed: the list without the signature. */
  readonly content: Uint8Array;
};

/** @throws {RecordError} `recordTooBig` or `malformedRecord` */
export function decodeRecord(bytes: Uint8Array): UnverifiedRecord {
  assertSize(bytes.length);
  return asMalformed(() => {
    const [signature, ...signed] = splitRlpList(bytes);
    const [seq, ...pairs] = signed;
    if (signature === undefined || seq === undefined) throw malformed('a list of less than 2');
    return {
      signature: asBytes(decodeRlp(signature)),
      seq: asUint64(decodeRlp(seq)),
      entries: readEntries(pairs),
      content: joinRlpList(signed),
    };
  });
}

/**
 * What has to be signed. Keys may come in any order.
 *
 * @throws {RangeError} `seq` is not a safe integer from 0 on.
 */
export function encodeContent({ seq, entries }: RecordContent): Uint8Array {
  if (!Number.isSafeInteger(seq) || seq < 0)
    throw new RangeError(`"seq" expected a safe integer from 0 on, got ${seq}`);
  const pairs = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const items = pairs.flatMap(([key, value]) => [encodeRlp(bytesOf(key)), value]);
  return joinRlpList([encodeRlp(seq), ...items]);
}

/** @throws {RecordError} `recordTooBig` */
export function encodeRecord(signature: Uint8Array, content: Uint8Array): Uint8Array {
  const bytes = joinRlpList([encodeRlp(signature), ...splitRlpList(content)]);
  assertSize(bytes.length);
  return bytes;
}

/** `enr:` and the bytes as base64url without padding. */
export function formatRecord(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return `${PREFIX}${base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/**
 * The bytes of the text form. Only the one spelling that {@link formatRecord} gives is accepted.
 *
 * @throws {RecordError} `recordTooBig` or `malformedRecord`
 */
export function recordBytes(text: string): Uint8Array {
  if (!text.startsWith(PREFIX)) throw malformed(`a text that does not start with ${PREFIX}`);
  if (text.length > MAX_TEXT_CHARS) throw tooBig(`a text of ${text.length} characters`);
  const base64 = text.slice(PREFIX.length).replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(decodeBase64(base64), (char) => char.charCodeAt(0));
  // blanks, padding, the other alphabet and stray bits at the end were let through
  if (formatRecord(bytes) !== text) throw malformed('a text that is not base64url');
  return bytes;
}

function decodeBase64(base64: string): string {
  try {
    return atob(base64);
  } catch {
    throw malformed('a text that is not base64url');
  }
}

function readEntries(pairs: readonly Uint8Array[]): RecordEntries {
  const entries = new Map<string, Uint8Array>();
  let last: string | null = null;
  for (let at = 0; at < pairs.length; at += 2) {
    const value = pairs[at + 1];
    if (value === undefined) throw malformed('a key without a value');
    const key = String.fromCharCode(...asBytes(decodeRlp(pairs[at]!)));
    if (last !== null && key <= last) throw malformed('keys that are not in ascending order');
    entries.set(key, value);
    last = key;
  }
  return entries;
}

const bytesOf = (key: string): Uint8Array => Uint8Array.from(key, (char) => char.charCodeAt(0));

function asMalformed<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) throw malformed(error.detail);
    throw error;
  }
}

function assertSize(bytes: number): void {
  if (bytes > MAX_RECORD_BYTES) throw tooBig(`${bytes} > ${MAX_RECORD_BYTES} bytes`);
}

const malformed = (detail: string): RecordError => new RecordError('malformedRecord', detail);
const tooBig = (detail: string): RecordError => new RecordError('recordTooBig', detail);
