/** By which addresses a listener of this machine can be reached. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** Hosts that stand for every address. */
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Those of this moment; first of all one that others can reach, if there is one. */
export function ownAddresses(
  host: string,
  interfaces: () => Interfaces = networkInterfaces,
): readonly [string, ...string[]] {
  if (!ANY.has(host)) return [host];
  const [first = '127.0.0.1', ...rest] = Object.values(interfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family }) => host === '::' || family === 'IPv4')
    .filter(({ address }) => !address.startsWith('fe80:')) // needs a zone, which browsers do not know
    .sort((a, b) => Number(a.internal) - Number(b.internal))
    .map(({ address }) => address);
  return [first, ...rest];
}
