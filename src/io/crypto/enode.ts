/**
 * enode URLs, as written in configuration and consoles:
 * `enode://<key>@<host>:<tcp>?discport=<udp>`. Follows go-ethereum `p2p/enode/urlv4.go`, except
 * that a URL without a host is refused, because it cannot be dialled. Names are not looked up here.
 */
import { hexToBytes } from '@noble/hashes/utils.js';

import { requireNoBlanks } from '../wire/blank.ts';
import { WireError } from '../wire/error.ts';
import { plainHost } from '../wire/ip-address.ts';
import type { PublicKey } from './primitives.ts';
import { nodeId, parseRawPublicKey, publicKeyHex, RAW_PUBLIC_KEY_BYTES } from './public-key.ts';

const KEY_DIGITS = 2 * RAW_PUBLIC_KEY_BYTES;
const MAX_PORT = 65_535;
/** RFC 1035, 2.3.4, as text with a final dot. */
const MAX_NAME_LENGTH = 254;
/** How much of a wrong value an error message repeats, in characters. */
const MAX_SHOWN = 60;

/**
 * Key, authority, query. A path and a fragment are ignored, as go-ethereum does.
 */
const WHOLE = /^enode:\/\/(?:([^@/?#]*)@)?([^/?#]*)(?:\/[^?#]*)?(?:\?([^#]*))?(?:#.*)?$/i;
/** A host in brackets or without them; then the port. */
const AUTHORITY = /^(?:\[([^[\]]*)\]|([^:[\]]*))(?::([^:]*))?$/;
const KEY = new RegExp(`^[0-9a-f]{${KEY_DIGITS}}$`, 'i');
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const DNS_NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.|$))+$/i;

export type Enode = {
  readonly publicKey: PublicKey;
  /**
   * The node ID, 64 hex digits. Not the 128 digits of the URL: those are `publicKeyHex(publicKey)`.
   */
  readonly id: string;
  /** An IP address in its shortest spelling and without brackets, or a DNS name. */
  readonly host: string;
  readonly hostKind: 'ipv4' | 'ipv6' | 'name';
  /** 0: does not listen. */
  readonly tcpPort: number;
  /** 0: no discovery. */
  readonly udpPort: number;
};

/**
 * @param url Without blanks, around it or in it: nothing is trimmed, wherever the text comes from.
 * @throws {TypeError} The message names the wrong part, what was expected and what was given.
 */
export function parseEnode(url: string): Enode {
  requireNoBlanks('enode URL', url);
  const [, keyDigits, authority = '', query] =
    WHOLE.exec(url) ?? refuse('URL', 'enode://<key>@<host>:<port>', url);
  const publicKey = parseKey(keyDigits ?? refuse('public key', 'one before an "@"', url));
  const [, bracketed, plain = '', port = ''] =
    AUTHORITY.exec(authority) ?? refuse('host', '<host>:<port>, IPv6 in brackets', authority);
  const place = bracketed === undefined ? parseHost(plain) : parseIpv6(bracketed);
  const tcpPort = parsePort('port', port);
  const discport = new URLSearchParams(query).get('discport');
  const udpPort = discport ? parsePort('discport', discport) : tcpPort;
  return { publicKey, id: nodeId(publicKey), ...place, tcpPort, udpPort };
}

/** The shortest URL that {@link parseEnode} reads back as the same. */
export function formatEnode({ publicKey, host, hostKind, tcpPort, udpPort }: Enode): string {
  const authority = hostKind === 'ipv6' ? `[${host}]:${tcpPort}` : `${host}:${tcpPort}`;
  const discport = udpPort === tcpPort ? '' : `?discport=${udpPort}`;
  return `enode://${publicKeyHex(publicKey)}@${authority}${discport}`;
}

type Place = Pick<Enode, 'host' | 'hostKind'>;

function parseKey(digits: string): PublicKey {
  if (!KEY.test(digits)) refuse('public key', `${KEY_DIGITS} hex digits`, digits);
  try {
    return parseRawPublicKey(hexToBytes(digits));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return refuse('public key', 'a point of secp256k1', digits);
  }
}

function parseHost(text: string): Place {
  if (IPV4.test(text)) return { host: text, hostKind: 'ipv4' };
  if (text.length > MAX_NAME_LENGTH || !DNS_NAME.test(text))
    refuse('host', 'an IPv4 address, an IPv6 address in brackets or a DNS name', text);
  return { host: text, hostKind: 'name' };
}

function parseIpv6(text: string): Place {
  const url = `http://[${text}]`;
  if (text.includes('%')) refuse('host', 'an IPv6 address without a zone', text);
  if (!URL.canParse(url)) refuse('host', 'an IPv6 address', text);
  const host = plainHost(new URL(url).hostname.slice(1, -1)); // as Go does
  return { host, hostKind: host.includes(':') ? 'ipv6' : 'ipv4' };
}

function parsePort(what: string, digits: string): number {
  const port = Number(digits);
  if (!/^\d+$/.test(digits) || port > MAX_PORT) refuse(what, `0 to ${MAX_PORT}`, digits);
  return port;
}

function refuse(what: string, expected: string, given: string): never {
  const shown = given.slice(0, MAX_SHOWN).replace(/[^\x20-\x7e]/g, '?');
  const dots = given.length > MAX_SHOWN ? '…' : '';
  throw new TypeError(`enode ${what} expected ${expected}, got "${shown}${dots}"`);
}
