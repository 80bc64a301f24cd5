/** Which addresses one node may learn from another. Source: go-ethereum p2p/netutil, `CheckRelayAddr`. */
import { isLan, parseIp } from '../wire/ip-address.ts';

/** Ranges of addresses that lead to one host on the internet. The rest is reserved for examples, tests and groups. */
const ROUTABLE_RANGES: ReadonlySet<string> = new Set(['unicast', 'carrierGradeNat']);

/**
 * Addresses of a LAN are for those on a LAN, those of this machine for those on it; special ranges are for none.
 *
 * @param host The address in question. @param other The one that asks for it, or that says it.
 */
export function mayRelay(host: string, other: string): boolean {
  const address = parseIp(host);
  const asking = parseIp(other);
  if (!address || !asking) return false;
  if (address.range() === 'loopback') return asking.range() === 'loopback';
  if (isLan(address)) return isLan(asking);
  return ROUTABLE_RANGES.has(address.range());
}
