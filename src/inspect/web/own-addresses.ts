/** The addresses under which a listener on this machine can be reached. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** Hosts that mean every address of the machine. */
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** As of now; one that other machines can reach comes first, if there is one. */
export function ownAddresses(
  host: string,
  interfaces: () => Interfaces = networkInterfaces,
): readonly [string, ...string[]] {
  if (!ANY.has(host)) return [host];
  const [first = '127.0.0.1', ...rest] = Object.values(interfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family }) => host === '::' || family === 'IPv4')
    .filter(({ address }) => !address.startsWith('fe80:')) // needs a zone, which browsers do not support
    .sort((a, b) => Number(a.internal) - Number(b.internal))
    .map(({ address }) => address);
  return [first, ...rest];
}
