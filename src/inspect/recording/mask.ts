/**
 * Pseudonyms for addresses, host names, node ids and public keys, so that a recording can be shown to others. In one
 * recording equal values have equal pseudonyms; another recording has others. Machines decide the same way with them: equal
 * stays equal, and an id that was smaller than ours stays smaller (crossed dials are settled by that).
 * Ports, client names and times are kept.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export type Mask = {
  /** A node id in hex. */
  readonly id: (id: string) => string;
  readonly publicKey: (publicKey: string) => string;
  /** An address or a name. */
  readonly host: (host: string) => string;
  /** A network such as `198.51.100.0/24`, or a source. */
  readonly network: (network: string) => string;
  /** Replaces all of these inside a text. */
  readonly text: (text: string) => string;
};

const same = (value: string): string => value;

/** Replaces nothing. */
export const NO_MASK: Mask = { id: same, publicKey: same, host: same, network: same, text: same };

/** Hex digits of the pseudonym of a host or network: among a million, two are equal with probability 1/500. */
const PLACE_DIGITS = 12;
const ID_DIGITS = 64;
const KEY_DIGITS = 128;
/** The part of an id that names a dial task. */
const SHORT_ID_DIGITS = 8;

/** First digit of the pseudonym of our own id. Ids below ours get a smaller one, ids above ours a larger one. */
const OUR_DIGIT = 8;

/** Host names that texts are searched for. Names are few, and only the user configures them; later ones stay in texts. */
const MAX_NAMES = 1_000;

/** Public keys and ids; shortened ids after the prefix of a dial task. */
const HEX = /\b(?:[0-9a-f]{128}|[0-9a-f]{64})\b|(?<=dial-task:)[0-9a-f]{8}\b/gi;
/** With its prefix length, if it has one. */
const IPV4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])(?:\/\d{1,2})?/g;
/** At least two colons, so a time of day is replaced as well. */
const IPV6 =
  /(?<![\w:.])(?=[\da-f:]*:[\da-f:]*:)[\da-f:]+(?:\d{1,3}(?:\.\d{1,3}){3})?(?:%\w+)?(?:\/\d{1,3})?(?![\w:])/gi;

/** @param key Of this recording; never stored. @param self Our own node id. */
export function createMask(key: Uint8Array, self: string): Mask {
  const names = new Map<string, RegExp>();
  const digits = (kind: string, value: string): string =>
    bytesToHex(hmac(sha256, key, utf8ToBytes(`${kind} ${value}`)));

  const shortId = (short: string, side: number): string => {
    const hidden = digits('short id', short);
    const place = Number.parseInt(hidden.slice(0, 2), 16);
    const first = side === 0 ? OUR_DIGIT : side < 0 ? place % OUR_DIGIT : 9 + (place % 7);
    return first.toString(16) + hidden.slice(2, 1 + SHORT_ID_DIGITS);
  };
  const id = (value: string): string => {
    if (value === '') return '';
    const side = value === self ? 0 : value < self ? -1 : 1;
    const rest = digits('id', value).slice(0, ID_DIGITS - SHORT_ID_DIGITS);
    return shortId(value.slice(0, SHORT_ID_DIGITS), side) + rest;
  };
  const ourShort = self.slice(0, SHORT_ID_DIGITS);
  const short = (value: string): string =>
    shortId(value, value === ourShort ? 0 : value < ourShort ? -1 : 1);
  const publicKey = (value: string): string =>
    value === '' ? '' : digits('key', value) + digits('key, second half', value);
  const network = (value: string): string =>
    value === '' ? '' : `net-${digits('network', value).slice(0, PLACE_DIGITS)}`;
  const host = (value: string): string => {
    if (value === '') return '';
    if (!isAddress(value) && names.size < MAX_NAMES) names.set(value, wordOf(value));
    return `host-${digits('host', value).slice(0, PLACE_DIGITS)}`;
  };
  const place = (value: string): string => (value.includes('/') ? network(value) : host(value));

  const hex = (value: string): string => {
    const small = value.toLowerCase();
    if (value.length === KEY_DIGITS) return publicKey(small);
    return value.length === ID_DIGITS ? id(small) : short(small);
  };
  const text = (value: string): string => {
    let shown = value.replace(HEX, hex).replace(IPV4, place).replace(IPV6, place);
    for (const [name, word] of names) shown = shown.replace(word, host(name));
    return shown;
  };
  return { id, publicKey, host, network, text };
}

/** Masks every string of a value, deep. Property names are kept. */
export function maskAll<Value>(value: Value, mask: Mask): Value {
  if (mask === NO_MASK) return value;
  if (typeof value === 'string') return mask.text(value) as Value;
  if (Array.isArray(value)) return value.map((item) => maskAll(item, mask)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, maskAll(item, mask)]);
  return Object.fromEntries(entries) as Value;
}

const isAddress = (host: string): boolean => host.includes(':') || /^[\d.]+$/.test(host);

/** Host names have letters, digits, dots, hyphens and underscores; others cannot be dialled. */
const wordOf = (name: string): RegExp =>
  new RegExp(`(?<![\\w.-])${name.replace(/[^\w-]/g, '\\$&')}(?![\\w-])`, 'g');
