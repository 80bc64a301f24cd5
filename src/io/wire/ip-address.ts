/**
 * IP addresses in the system's spelling: which are near, which share one source, which we deal with at all.
 * An IPv4 address inside an IPv6 one (`::ffff:192.0.2.1`) is that IPv4 address, everywhere.
 */
import ipaddr from 'ipaddr.js';

import { printable } from './printable.ts';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** Whether we deal with a host. One that is no address is never in. */
export type NetRestrict = (host: string) => boolean;

/** Groups of an IPv6 address that name its network, a /64: what one customer can make up addresses in. */
const NETWORK_GROUPS = 4;

/** Groups of an IPv6 address that name its site, a /48. */
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

/** Nobody is there, or everybody. */
const NON_UNICAST_RANGES: ReadonlySet<string> = new Set(['unspecified', 'multicast', 'broadcast']);

/** How much of a wrong value an error message repeats, in UTF-16 units. */
const MAX_SHOWN_UNITS = 60;

/** The IPv4 address that an IPv6 one may end in. */
const EMBEDDED_IPV4 = /[^:]*\.[^:]*$/;

const CIDR = /^([^/%]+)\/(\d{1,3})$/;

/** Null when `text` is no address. Shorthands such as `127.1` and octal digits are none; a zone (`%eth0`) is ignored. */
export function parseIp(text: string): IpAddress | null {
  const [address = ''] = text.split('%', 1);
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address);
  const embedded = EMBEDDED_IPV4.exec(address)?.[0];
  if (embedded !== undefined && !ipaddr.IPv4.isValidFourPartDecimal(embedded)) return null;
  return ipaddr.IPv6.isValid(address) ? ipaddr.process(address) : null;
}

export const isLan = (address: IpAddress): boolean => LAN_RANGES.has(address.range());

/**
 * Whether to dial a host because a stranger named it. Loopback, LAN, documentation and the like are for those who
 * name their networks: with NetRestrict, which is asked as well, they are fine. Never a name.
 */
export function isCandidateHost(host: string, hasNetRestrict: boolean): boolean {
  const range = parseIp(host)?.range();
  if (range === undefined || NON_UNICAST_RANGES.has(range)) return false;
  return hasNetRestrict || range === 'unicast';
}

/** The same for all addresses that one source can call from: an IPv4 address, or an IPv6 /64. */
export function sourceKey(address: IpAddress): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = address.parts.slice(0, NETWORK_GROUPS);
  return `${network.map((group) => group.toString(16)).join(':')}::/64`;
}

/** The network that peers are counted by: an IPv4 /24 or an IPv6 /48. Null for the LAN, and for what is no address. */
export function subnetOf(host: string): string | null {
  const address = parseIp(host);
  if (!address || isLan(address)) return null;
  if (address instanceof ipaddr.IPv4) return `${address.octets.slice(0, 3).join('.')}.0/24`;
  const site = address.parts.slice(0, SITE_GROUPS);
  return `${site.map((group) => group.toString(16)).join(':')}::/48`;
}

/** @throws {TypeError} The list is empty, or an entry is no CIDR. */
export function parseNetRestrict(list: readonly string[]): NetRestrict {
  if (list.length === 0)
    throw new TypeError(
      '"netRestrict" is an empty list, which would keep everybody out; leave it out to let everybody in',
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
