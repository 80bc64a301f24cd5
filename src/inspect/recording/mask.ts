/**
 * Pseudonyms for addresses, host names, node ids, public keys and what operators add to client names, so that a recording
 * can be shown to others. In one recording equal values have equal pseudonyms; another recording has others. Machines
 * decide the same way with them: equal stays equal, and an id that was smaller than ours stays smaller (crossed dials are
 * settled by that). Ports, times, capabilities, and the software, version and platform in client names are kept.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { plainHost } from '../../io/wire/ip-address.ts';
import { isCommonPart } from './client-parts.ts';
import { HostNames } from './host-names.ts';

export type Mask = {
  /** A node id in hex. */
  readonly id: (id: string) => string;
  readonly publicKey: (publicKey: string) => string;
  /** An address or a name; from now on texts are searched for a name. */
  readonly host: (host: string) => string;
  /** Texts are searched for it from now on, unless it is an address: those are found by their form. */
  readonly learn: (host: string) => void;
  /** A network such as `198.51.100.0/24`, or a source. */
  readonly network: (network: string) => string;
  /** The name of a client in its Hello. */
  readonly client: (client: string) => string;
  /** The id of an actor: that of a dial or an endpoint proof has the first digits of a node id. */
  readonly actorId: (actorId: string) => string;
  /** Replaces all of these inside a text; a last word that was cut off is left out. */
  readonly text: (text: string) => string;
};

const same = (value: string): string => value;

/** Replaces nothing. */
export const NO_MASK: Mask = {
  id: same,
  publicKey: same,
  host: same,
  learn: () => {},
  network: same,
  client: same,
  actorId: same,
  text: same,
};

/** Hex digits of the pseudonym of a host or network: among a million, two are equal with probability 1/500. */
const PLACE_DIGITS = 12;
const ID_DIGITS = 64;
const KEY_DIGITS = 128;
/** The part of an id that names a dial task or an endpoint proof. */
const SHORT_ID_DIGITS = 8;

/** First digit of the pseudonym of our own id. Ids below ours get a smaller one, ids above ours a larger one. */
const OUR_DIGIT = 8;

/** Public keys, ids, and other long numbers, which may be parts of them. */
const HEX = /(?<![\da-z_])(0x)?([\da-f]{16,})(?![\da-z_])/gi;
const NAMED_BY_NODE =
  /(?<=(?:dial-task|endpoint-proof|discv5-session|bootnode-name):)[\da-f]{8}\b/gi;
/** With its prefix length, if it has one. */
const IPV4 = /(?<![\d.])(?:::ffff:)?\d{1,3}(?:\.\d{1,3}){3}(?![\d.])(?:\/\d{1,2})?/gi;
/** At least two colons, so a time of day is replaced as well. */
const IPV6 =
  /(?<![\w:.])(?=[\da-f:]*:[\da-f:]*:)[\da-f:]+(?:\d{1,3}(?:\.\d{1,3}){3})?(?:%[\w.-]*\w)?(?:\/\d{1,3})?(?![\w:])/gi;
/** A node record holds a key and addresses. Source: EIP-778, "Text Encoding". */
const RECORD = /\benr:[\w-]+/gi;
/** What was wrong with a given value is told with the value. */
const GIVEN = /(?<=\bgot ")[^"]*/g;

/** @param key Of this recording; never stored. @param self Our own node id. */
export function createMask(key: Uint8Array, self: string): Mask {
  const names = new HostNames();
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
  const learn = (value: string): void => {
    if (value !== '' && !isAddress(value)) names.add(value);
  };
  const host = (value: string): string => {
    if (value === '') return '';
    learn(value);
    return `host-${digits('host', plainHost(value)).slice(0, PLACE_DIGITS)}`;
  };
  const place = (value: string): string => (value.includes('/') ? network(value) : host(value));
  const part = (value: string): string =>
    value === '' || isCommonPart(value)
      ? value
      : `name-${digits('client', value).slice(0, PLACE_DIGITS)}`;
  const client = (value: string): string => value.split('/').map(part).join('/');
  const actorId = (value: string): string =>
    value.replace(NAMED_BY_NODE, (hex) => short(hex.toLowerCase()));

  const hex = (_: string, prefix = '', value: string): string => {
    const small = value.toLowerCase();
    if (value.length === KEY_DIGITS) return prefix + publicKey(small);
    if (value.length === ID_DIGITS) return prefix + id(small);
    return `hex-${digits('hex', small).slice(0, PLACE_DIGITS)}`;
  };
  const text = (value: string): string =>
    names.replaceIn(
      actorId(withoutCutWord(value.replace(GIVEN, '…')))
        .replace(RECORD, 'enr:…')
        .replace(HEX, hex)
        .replace(IPV4, place)
        .replace(IPV6, place),
      host,
    );
  return { id, publicKey, host, learn, network, client, actorId, text };
}

type Hide = (mask: Mask, value: string) => string;

const verbatim: Hide = (_, value) => value;
const actorId: Hide = (mask, value) => mask.actorId(value);

/** A line of evidence that quotes a client name, as `explain` writes it. */
const CLIENT_LINE = /^(their client: )(.*)$/s;

const evidence: Hide = (mask, line) => {
  const [, label, client] = CLIENT_LINE.exec(line) ?? [];
  return label === undefined ? mask.text(line) : label + mask.client(client!);
};

/** How strings of frames and lines are hidden that are no free text, by the name of their field. */
const FIELDS: Readonly<Record<string, Hide>> = {
  actor: actorId,
  actors: actorId,
  client: (mask, value) => mask.client(value),
  evidence,
  listUrl: (mask, value) => mask.network(value),
  // our own words, and connection numbers
  actorsEnded: verbatim,
  confidence: verbatim,
  connection: verbatim,
  direction: verbatim,
  lastFailure: verbatim,
  names: verbatim,
  peerchart: verbatim,
  protocols: verbatim,
  slots: verbatim,
  source: verbatim,
  startedAt: verbatim,
  state: verbatim,
  status: verbatim,
  type: verbatim,
};

/** Masks every string of a value, deep, by the name of its field, and numbers of records. Property names are kept. */
export function maskAll<Value>(value: Value, mask: Mask, field = ''): Value {
  if (mask === NO_MASK) return value;
  if (typeof value === 'string')
    return (Object.hasOwn(FIELDS, field) ? FIELDS[field]!(mask, value) : mask.text(value)) as Value;
  if (Array.isArray(value)) return value.map((item) => maskAll(item, mask, field)) as Value;
  if (typeof value === 'number' && /^(seq|rootSeq)$/.test(field)) return 0 as Value; // of a record: often a time of day, which names the node
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    maskAll(item, mask, field === 'facts' ? '' : key), // the names of facts mean something else
  ]);
  return Object.fromEntries(entries) as Value;
}

/** The end of a text that was cut: a part of a name or an address is not recognised as one. */
function withoutCutWord(text: string): string {
  if (!text.endsWith('…')) return text;
  return `${text.slice(0, text.lastIndexOf(' ') + 1)}…`;
}

const isAddress = (host: string): boolean => host.includes(':') || /^[\d.]+$/.test(host);
