/** Whether this system has IPv6. */
import { networkInterfaces } from 'node:os';

const EVERY_ADDRESS = '::';
const EVERY_IPV4_ADDRESS = '0.0.0.0';

/**
 * `::`, every address of this machine, as the system can bind it: without IPv6 it is `0.0.0.0`. Other hosts are
 * unchanged.
 *
 * @param interfaces Replaced by tests.
 */
export function bindableHost(host: string, interfaces = networkInterfaces): string {
  if (host !== EVERY_ADDRESS) return host;
  const addresses = Object.values(interfaces()).flatMap((found) => found ?? []);
  return addresses.some(({ family }) => family === 'IPv6') ? host : EVERY_IPV4_ADDRESS;
}
