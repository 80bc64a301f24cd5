/**
 * IP addresses as text: which are on the LAN, which share one source, which NetRestrict allows.
 * An IPv4 address inside an IPv6 one (`::ffff:192.0.2.1`) is that IPv4 address, everywhere.
 */
import ipaddr from 'ipaddr.js';

import { printable } from './printable.ts';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** Whether a host is allowed. A host that is not an IP address never is. */
export type NetRestrict = (host: string) => boolean;

/** Groups of an IPv6 address in its network, a /64: one customer can use any address in it. */
const NETWORK_GROUPS = 4;

/** Groups of an IPv6 address in its site prefix, a /48. */
const SITE_GROUPS = 3;

/** Bits of an IPv6 address before the IPv4 address in it. Source: RFC 4291, 2.5.5.2. */
const MAPPED_PREFIX_BITS = 96;

/** Sources: RFC 1122, 1918, 3927 and 4193; go-ethereum p2p/netutil counts the same as LAN. */
const LAN_RANGES: ReadonlySet<string> = new Set([
  'loopback',
  'private',
  'linkLocal',
  'uniqueLocal',
]);

/** Ranges that never address exactly one host. */
const NON_UNICAST_RANGES: ReadonlySet<string> = new Set(['unspecified', 'multicast', 'broadcast']);

/** How much of a wrong value an error message repeats, in UTF-16 units. */
const MAX_SHOWN_UNITS = 60;

/** The IPv4 address at the end of an IPv6 one. */
const EMBEDDED_IPV4 = /[^:]*\.[^:]*$/;

const CIDR = /^([^/%]+)\/(\d{1,3})$/;

/** Null when `text` is not an address. Shorthands such as `127.1` and octal digits are not; a zone (`%eth0`) is ignored. */
export function parseIp(text: string): IpAddress | null {
  const [address = ''] = text.split('%', 1);
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address);
  const embedded = EMBEDDED_IPV4.exec(address)?.[0];
  if (embedded !== undefined && !ipaddr.IPv4.isValidFourPartDecimal(embedded)) return null;
  return ipaddr.IPv6.isValid(address) ? ipaddr.process(address) : null;
}

/** The address of 4 or 16 bytes, in its shortest spelling. */
export const hostOfBytes = (bytes: Uint8Array): string =>
  plainHost(ipaddr.fromByteArray([...bytes]).toString());

/** The 4 or 16 bytes of an address. @throws {TypeError} `host` is not an address. */
export function bytesOfHost(host: string): Uint8Array {
  const address = parseIp(host);
  if (!address) throw new TypeError(`"host" expected an IP address, got "${printable(host)}"`);
  return Uint8Array.from(address.toByteArray());
}

/**
 * A host as it is shown, compared, counted and recorded: for an IPv4 address inside an IPv6 one, that IPv4 address.
 * Everything else is unchanged, a zone and a name too.
 */
export function plainHost(host: string): string {
  const address = host.includes(':') ? parseIp(host) : null;
  return address instanceof ipaddr.IPv4 ? address.toString() : host;
}

/** Without the zone (`%eth0`), which has a meaning on one machine only. */
export const withoutZone = (host: string): string => host.replace(/%.*/, '');

export const isLoopbackAddress = (host: string): boolean => parseIp(host)?.range() === 'loopback';

export const isLan = (address: IpAddress): boolean => LAN_RANGES.has(address.range());

/** This computer, the LAN, or anywhere else. */
export type HostKind = 'loopback' | 'lan' | 'public';

/** Null when `host` is not an IP address. */
export function kindOfHost(host: string): HostKind | null {
  const address = parseIp(host);
  if (!address) return null;
  if (address.range() === 'loopback') return 'loopback';
  return isLan(address) ? 'lan' : 'public';
}

/**
 * Whether to dial a host that discovery found. Loopback, LAN, documentation and other special ranges are accepted only
 * with NetRestrict, which is checked separately. A DNS name never is.
 */
export function isCandidateHost(host: string, hasNetRestrict: boolean): boolean {
  const range = parseIp(host)?.range();
  if (range === undefined || NON_UNICAST_RANGES.has(range)) return false;
  return hasNetRestrict || range === 'unicast';
}

/** Whether this is the address of exactly one host, without a zone. */
export function isHostAddress(text: string): boolean {
  const range = parseIp(text)?.range();
  return range !== undefined && !NON_UNICAST_RANGES.has(range) && !text.includes('%');
}

/** The key under which connections of one source are counted: an IPv4 address, or an IPv6 /64. */
export function sourceKey(address: IpAddress): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = address.parts.slice(0, NETWORK_GROUPS);
  return `${network.map((group) => group.toString(16)).join(':')}::/64`;
}

/** The network under which peers are counted: an IPv4 /24 or an IPv6 /48. Null for the LAN, and for a host that is not an IP address. */
export function subnetOf(host: string): string | null {
  const address = parseIp(host);
  if (!address || isLan(address)) return null;
  if (address instanceof ipaddr.IPv4) return `${address.octets.slice(0, 3).join('.')}.0/24`;
  const site = address.parts.slice(0, SITE_GROUPS);
  return `${site.map((group) => group.toString(16)).join(':')}::/48`;
}

/**
 * The networks under which nodes of discovery are counted, in a bucket of the table and in the whole table: an IPv4 /24
 * for both, an IPv6 /48 and /32. Null for the LAN, and for a host that is not an IP address.
 */
export function tableNetworksOf(
  host: string,
): { readonly bucket: string; readonly table: string } | null {
  const bucket = subnetOf(host);
  if (bucket === null) return null;
  if (!bucket.includes(':')) return { bucket, table: bucket };
  const [first, second] = bucket.split(':');
  return { bucket, table: `${first}:${second}::/32` };
}

/** @throws {TypeError} The list is empty, or an entry is not a CIDR. */
export function parseNetRestrict(list: readonly string[]): NetRestrict {
  if (list.length === 0)
    throw new TypeError(
      '"netRestrict" is an empty list, which would reject every address; omit the option to accept all',
    );
  const ranges = list.map(parseCidr);
  return (host) => {
    const address = parseIp(host);
    return address !== null && ranges.some((range) => isInside(address, range));
  };
}

type Range = { readonly network: IpAddress; readonly bits: number };

function parseCidr(text: string, index: number): Range {
  const [, host = '', digits = ''] = CIDR.exec(text) ?? [];
  const network = parseIp(host);
  const isIpv4 = network?.kind() === 'ipv4';
  const bits = Number(digits) - (isIpv4 && host.includes(':') ? MAPPED_PREFIX_BITS : 0);
  if (!network || bits < 0 || bits > (isIpv4 ? 32 : 128))
    throw new TypeError(
      `"netRestrict[${index}]" expected a CIDR such as 192.0.2.0/24 or 2001:db8::/32, got "${printable(text, MAX_SHOWN_UNITS)}"`,
    );
  return { network, bits };
}

const isInside = (address: IpAddress, { network, bits }: Range): boolean =>
  address.kind() === network.kind() && address.match(network, bits);
