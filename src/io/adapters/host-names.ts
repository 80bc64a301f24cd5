/** Reads the hosts file and resolv.conf, and orders the addresses of a name. Pure. */
import { isIP } from 'node:net';

import { plainHost } from '../wire/ip-address.ts';

/** The addresses of a name in a hosts file, in its order. Names are compared without case. */
export function parseHosts(text: string, name: string): readonly string[] {
  const wanted = withoutDot(name).toLowerCase();
  return linesOf(text).flatMap(([address, ...names]) => {
    if (address === undefined || isIP(address) === 0) return [];
    return names.some((other) => withoutDot(other).toLowerCase() === wanted) ? [address] : [];
  });
}

/** `localhost` and what ends in it are this machine and never asked of a name server. Source: RFC 6761, 6.3. */
export const isLoopbackName = (name: string): boolean => /(?:^|\.)localhost\.?$/i.test(name);

/**
 * The full names to ask for, in order: the name itself and, unless it ends in a dot, the name in each search domain. A
 * name with fewer dots than `ndots` is tried in the domains first. Source: resolv.conf(5).
 */
export function namesToTry(name: string, resolverFile: string): readonly string[] {
  if (name.endsWith('.')) return [withoutDot(name)];
  let domains: readonly string[] = [];
  let ndots = 1;
  for (const [keyword, ...values] of linesOf(resolverFile)) {
    if (keyword === 'search' || keyword === 'domain') domains = values;
    if (keyword === 'options')
      for (const option of values) ndots = Number(/^ndots:(\d+)$/.exec(option)?.[1] ?? ndots);
  }
  const inDomains = domains.map(withoutDot).flatMap((d) => (d === '' ? [] : [`${name}.${d}`]));
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...inDomains] : [...inDomains, name];
}

/**
 * Each address once, the families by turns as in RFC 8305. IPv4 first, as go-ethereum prefers
 * it, whatever the order of the answer.
 */
export function interleaved(addresses: readonly string[]): readonly string[] {
  const all = [...new Set(addresses.map(plainHost))];
  const ipv4 = all.filter((address) => isIP(address) === 4);
  const ipv6 = all.filter((address) => isIP(address) === 6);
  const longest = Math.max(ipv4.length, ipv6.length);
  const turns = Array.from({ length: longest }, (_, i) => [ipv4[i], ipv6[i]]);
  return turns.flat().flatMap((a) => (a === undefined ? [] : [a]));
}

/** The words of each line, without comments. */
const linesOf = (text: string): string[][] =>
  text.split('\n').map((line) =>
    line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/),
  );

const withoutDot = (name: string): string => name.replace(/\.$/, '');
