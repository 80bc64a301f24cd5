/**
 * The texts of DNS node lists: root, branch, link and record, each the content of one TXT record. Hashes, keys and
 * signatures are checked in `io/crypto/dns-tree-entry.ts`.
 * Source: EIP-1459, devp2p/dnsdisc.md.
 */
import { base32ByteLength, decodeBase32, encodeBase32 } from './base32.ts';

/** Longest text of an entry, in characters. Ours; the specification asks for less than 512 bytes. */
export const MAX_ENTRY_CHARS = 1_024;

/** Most hashes in one branch. Source: go-ethereum p2p/dnsdisc/tree.go makes no larger ones. */
export const MAX_BRANCH_CHILDREN = 13;

/** Shortest hash that names an entry, in bytes. Source: go-ethereum p2p/dnsdisc/tree.go. */
const MIN_HASH_BYTES = 12;
const MAX_HASH_BYTES = 32;

/** How many bytes of its hash are in the name of an entry that we make. Source: EIP-1459. */
export const NAME_HASH_BYTES = 16;

/** Longest domain of a list, in characters: a name of DNS has 253, and the longest hash of an entry needs 53 of them. */
export const MAX_DOMAIN_CHARS = 200;

const SIGNATURE_BYTES = 65;

export const ROOT_PREFIX = 'enrtree-root:v1';
const BRANCH_PREFIX = 'enrtree-branch:';
const LINK_PREFIX = 'enrtree://';
const RECORD_PREFIX = 'enr:';

const ROOT = /^(enrtree-root:v1 e=([^ ]+) l=([^ ]+) seq=(\d{1,20})) sig=([\w-]+)$/;
const LINK = /^([^@]*)@(.*)$/s;
const DOMAIN = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.(?!$)|$))+$/i;

/** Why a text is not an entry of a node list, or not the one that was asked for. */
export type TreeFault =
  | 'entryTooLong'
  | 'unknownEntry'
  | 'malformedRoot'
  | 'malformedSignature'
  | 'badRootSignature'
  | 'staleRoot'
  | 'invalidChildHash'
  | 'tooManyChildren'
  | 'missingPublicKey'
  | 'invalidPublicKey'
  | 'invalidDomain'
  | 'invalidRecord'
  | 'hashMismatch'
  | 'misplacedEntry';

/** A text from outside that is no such entry. Match on `fault`; the message is for people only. */
export class TreeError extends Error {
  override readonly name = 'TreeError';
  readonly fault: TreeFault;

  constructor(fault: TreeFault, detail: string) {
    super(`${fault}: ${detail}`);
    this.fault = fault;
  }
}

/** A root whose signature is not checked. */
export type UnverifiedRoot = {
  /** Hash of the subtree with node records, in base32. */
  readonly recordRoot: string;
  /** Hash of the subtree with links to other lists, in base32. */
  readonly linkRoot: string;
  /** From 0 on; `Number.MAX_SAFE_INTEGER` stands for every larger one. */
  readonly seq: number;
  /** `r ‖ s ‖ v`, 65 bytes. */
  readonly signature: Uint8Array;
  /** What is signed: the text before the signature. */
  readonly signedText: string;
};

/** Where a list is and who signs it. */
export type LinkText = {
  /** A compressed public key that is not checked. */
  readonly key: Uint8Array;
  readonly domain: string;
};

export type EntryText =
  | { readonly type: 'branch'; readonly children: readonly string[] }
  | ({ readonly type: 'link' } & LinkText)
  /** `enr:` and what follows; not checked. */
  | { readonly type: 'record'; readonly text: string };

/** @throws {TreeError} `entryTooLong`, `malformedRoot`, `invalidChildHash` or `malformedSignature` */
export function parseRoot(text: string): UnverifiedRoot {
  assertLength(text);
  const found = ROOT.exec(text);
  if (!found) throw new TreeError('malformedRoot', `expected "${ROOT_PREFIX} e=… l=… seq=… sig=…"`);
  const [, signedText = '', recordRoot = '', linkRoot = '', seq = '', base64 = ''] = found;
  for (const hash of [recordRoot, linkRoot]) assertHash(hash);
  return {
    ...{ recordRoot, linkRoot, signedText },
    seq: Math.min(Number(seq), Number.MAX_SAFE_INTEGER),
    signature: parseSignature(base64),
  };
}

/** What has to be signed. @throws {RangeError} `seq` is not a safe integer from 0 on. */
export function rootContent({
  recordRoot,
  linkRoot,
  seq,
}: Pick<UnverifiedRoot, 'recordRoot' | 'linkRoot' | 'seq'>): string {
  if (!Number.isSafeInteger(seq) || seq < 0)
    throw new RangeError(`"seq" expected a safe integer from 0 on, got ${seq}`);
  return `${ROOT_PREFIX} e=${recordRoot} l=${linkRoot} seq=${seq}`;
}

export const formatRoot = (content: string, signature: UnverifiedRoot['signature']): string =>
  `${content} sig=${base64url(signature)}`;

/**
 * @throws {TreeError} `unknownEntry` for a text that is of no known kind, which may be a TXT record of something else;
 * otherwise what is wrong with the entry.
 */
export function parseEntry(text: string): EntryText {
  if (text.startsWith(BRANCH_PREFIX)) return parseBranch(text);
  if (text.startsWith(LINK_PREFIX)) return { type: 'link', ...parseLink(text) };
  if (!text.startsWith(RECORD_PREFIX))
    throw new TreeError('unknownEntry', 'neither a branch nor a link nor a record');
  assertLength(text);
  return { type: 'record', text };
}

/** @throws {TreeError} */
export function parseLink(text: string): LinkText {
  assertLength(text);
  const found = text.startsWith(LINK_PREFIX) ? LINK.exec(text.slice(LINK_PREFIX.length)) : null;
  if (!found)
    throw new TreeError('missingPublicKey', `expected "${LINK_PREFIX}<public key>@<domain>"`);
  const [, digits = '', domain = ''] = found;
  const key = decodeBase32(digits);
  if (!key) throw new TreeError('invalidPublicKey', 'it is not base32');
  if (domain.length > MAX_DOMAIN_CHARS || !DOMAIN.test(domain))
    throw new TreeError('invalidDomain', `expected a name of 1 to ${MAX_DOMAIN_CHARS} characters`);
  return { key, domain };
}

export const formatLink = ({ key, domain }: LinkText): string =>
  `${LINK_PREFIX}${encodeBase32(key)}@${domain}`;

export const formatBranch = (children: readonly string[]): string =>
  `${BRANCH_PREFIX}${children.join(',')}`;

function parseBranch(text: string): EntryText {
  assertLength(text);
  const list = text.slice(BRANCH_PREFIX.length);
  const children = list === '' ? [] : list.split(',');
  if (children.length > MAX_BRANCH_CHILDREN)
    throw new TreeError('tooManyChildren', `${children.length} > ${MAX_BRANCH_CHILDREN}`);
  for (const child of children) assertHash(child);
  return { type: 'branch', children };
}

function assertHash(hash: string): void {
  const bytes = base32ByteLength(hash);
  if (bytes < MIN_HASH_BYTES || bytes > MAX_HASH_BYTES)
    throw new TreeError(
      'invalidChildHash',
      `${bytes} bytes, expected ${MIN_HASH_BYTES} to ${MAX_HASH_BYTES}`,
    );
  if (!decodeBase32(hash)) throw new TreeError('invalidChildHash', 'it is not base32');
}

function parseSignature(base64: string): Uint8Array {
  let binary = '';
  try {
    binary = atob(base64.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    // as many bytes as none
  }
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  if (bytes.length !== SIGNATURE_BYTES)
    throw new TreeError('malformedSignature', `expected ${SIGNATURE_BYTES} bytes in base64url`);
  return bytes;
}

function base64url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function assertLength(text: string): void {
  if (text.length > MAX_ENTRY_CHARS)
    throw new TreeError('entryTooLong', `${text.length} > ${MAX_ENTRY_CHARS} characters`);
}
