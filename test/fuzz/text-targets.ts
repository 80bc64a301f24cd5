/** Texts of configuration, and client names of remotes. */
import { BlockList, isIP } from 'node:net';
import type { ServerOptions } from '../../src/api/options.ts';
import { formatEnode, parseEnode } from '../../src/io/crypto/enode.ts';
import {
  isLan,
  parseIp,
  parseNetRestrict,
  sourceKey,
  subnetOf,
} from '../../src/io/wire/ip-address.ts';
import { printable } from '../../src/io/wire/printable.ts';
import { checkOptions } from '../../src/server/config.ts';
import { enodeOf, keyOf } from '../support/world.ts';
import { ByteSource } from './byte-source.ts';
import { demand, demandEqual, type Target, textBytes, textOf, typeErrorOr } from './target.ts';

const KEY = enodeOf(1).slice(8, 136);

export const enode: Target = {
  name: 'enode',
  maxBytes: 600,
  words: ['?discport=', '[::1]', '::ffff:', '%25', '65536', '#', 'enode://', KEY].map(textBytes),
  seeds: () =>
    [
      `enode://${KEY}@192.0.2.1:30303`,
      `enode://${KEY}@[2001:db8::1]:30303?discport=30301`,
      `ENODE://${KEY}@node-1.example.org.:0?discport=0#there`,
      `enode://${KEY}@[::ffff:192.0.2.1]:1/path?discport=`,
    ].map(textBytes),
  run(input) {
    const parsed = typeErrorOr(() => parseEnode(textOf(input)));
    if (parsed === null) return null;
    const { tcpPort, udpPort, host, hostKind } = parsed;
    for (const port of [tcpPort, udpPort])
      demand(Number.isInteger(port) && port >= 0 && port <= 65_535, 'a port is one');
    const family = isIP(host);
    demand(family === { ipv4: 4, ipv6: 6, name: 0 }[hostKind], `Node sees the same in ${host}`);
    demandEqual(parseEnode(formatEnode(parsed)), parsed, 'written out, it is the same');
    return parsed;
  },
};

/** A line with a CIDR and a line with a host. */
export const netRestrict: Target = {
  name: 'net-restrict',
  maxBytes: 120,
  words: [
    '::ffff:',
    '/0',
    '/32',
    '/128',
    '/33',
    '10.0.0.0',
    'fe80::',
    '%eth0',
    '::',
    '0x',
    '01',
  ].map(textBytes),
  seeds: () =>
    [
      '192.0.2.0/24\n192.0.2.77',
      '2001:db8::/32\n2001:db8:1::1',
      '::ffff:10.0.0.0/104\n10.1.2.3',
      'fe80::/10\nfe80::1%eth0',
      '0.0.0.0/0\n::ffff:255.255.255.255',
    ].map(textBytes),
  run(input) {
    const [range = '', host = ''] = textOf(input).split('\n');
    const restrict = typeErrorOr(() => parseNetRestrict([range]));
    const address = parseIp(host);
    const isAddress = isIP(host.split('%', 1)[0]!) !== 0;
    demand((address !== null) === isAddress, `Node sees an address in ${host} as well`);
    if (address) {
      isLan(address);
      sourceKey(address);
      demandEqual(String(parseIp(address.toString())), String(address), 'written out, the same');
      demand(/^[0-9a-f.:]+\/(24|48)$/.test(subnetOf(host) ?? '0/24'), 'a subnet is a CIDR');
    } else demand(subnetOf(host) === null, 'what is no address is in no subnet');
    if (restrict === null) return null;
    const isIn = restrict(host);
    demand(restrict(range.split('/', 1)[0]!), 'a network holds its own address');
    demand(isIn === (address !== null && nodeSaysIn(range, address.toString())), 'as Node says');
    return isIn;
  },
};

/** The same question to Node. A mapped range is that of IPv4. */
function nodeSaysIn(range: string, host: string): boolean {
  const [network = '', digits = ''] = range.split('/');
  const base = parseIp(network)!.toString();
  const isMapped = network.includes(':') && isIP(base) === 4;
  const bits = Number(digits) - (isMapped ? 96 : 0);
  const familyOf = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6');
  if (familyOf(base) !== familyOf(host)) return false;
  const list = new BlockList();
  list.addSubnet(base, bits, familyOf(base));
  return list.check(host, familyOf(host));
}

/** The first byte is the limit. */
export const printed: Target = {
  name: 'printable',
  maxBytes: 400,
  words: ['\u{202e}', '\u{1b}[2J', '\u{2028}', '\ud83d\ude00', '\u{e0001}', '\r\n', '\u{ad}'].map(
    textBytes,
  ),
  seeds: () =>
    ['@Geth/v1.16.8', '\u{8}\u{1b}]0;owned\u{7}', '~\u{1F600}\u{1F600}é\n\u{202e}x'].map(textBytes),
  run(input) {
    const limit = input[0] ?? 0;
    const utf16 = Buffer.from(input)
      .subarray(0, input.length & ~1)
      .toString('utf16le');
    for (const text of [textOf(input.subarray(1)), utf16]) {
      const shown = printable(text, limit);
      demand(shown.length <= Math.max(1, limit), 'the limit holds');
      demand(!/[\p{C}\p{Zl}\p{Zp}]/u.test(shown), 'nothing unprintable is left');
      demand(shown.endsWith('…') || printable(shown, limit) === shown, 'printable once is enough');
    }
    return limit;
  },
};

const OPTION_NAMES = [
  ...['nodeKey', 'name', 'listen', 'maxPeers', 'maxPeersPerSubnet', 'maxPendingPeers', 'dialRatio'],
  ...['noDial', 'protocols', 'staticNodes', 'trustedNodes', 'netRestrict', 'legacyHandshake'],
  ...['logger', 'metrics', 'inspect', 'ports', 'host', 'port', 'version', 'length', 'run', 'clock'],
  ...['__proto__', 'constructor', 'toString', ''],
];

/** What an option may wrongly or rightly be. */
const ATOMS: readonly unknown[] = [
  ...[null, undefined, true, false, 0, 1, -1, 0.5, 50, 65_535, 65_536, 2 ** 31, 1e308],
  ...[
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    'a',
    '0.0.0.0',
    '10.0.0.0/8',
    '\u{0}',
    'x'.repeat(300),
  ],
  ...[enodeOf(2), enodeOf(1), new Uint8Array(32), new Uint8Array(31), new Uint8Array(32).fill(9)],
  ...[10n, Symbol('atom'), () => {}, async () => {}],
];

/** A program that builds some value, most often an object with names of options. */
export const options: Target = {
  name: 'options',
  maxBytes: 200,
  seeds: () => [
    new Uint8Array(0),
    Uint8Array.of(2, 4, 0, 1, 0, 3, 8),
    Uint8Array.of(2, 1, 8, 1, 2),
  ],
  extraBytes: () => 256 * 1024, // a configuration has a metrics registry of its own
  run(input) {
    const source = new ByteSource(input);
    const given = source.byte() % 8 === 7 ? someValue(source, 0) : someObject(source, 0);
    const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
    const withKey = isObject ? { nodeKey: keyOf(1), ...given } : given;
    const config = typeErrorOr(() => keyMistakeOr(() => checkOptions(withKey as ServerOptions)));
    demand(Object.keys(Object.prototype).length === 0, 'nothing reached the prototype of all');
    if (config === null) return null;
    demand(Object.isFrozen(config), 'a configuration does not change');
    demand(config.maxInbound + config.maxDialed === config.maxPeers, 'the shares are the whole');
    return config;
  },
};

/** 32 bytes that are no key are a RangeError, which says so; not what the options promise for everything else. */
function keyMistakeOr<Config>(check: () => Config): Config | null {
  try {
    return check();
  } catch (error) {
    if (error instanceof RangeError && error.message.startsWith('"nodeKey" expected')) return null;
    throw error;
  }
}

function someValue(source: ByteSource, depth: number): unknown {
  const kind = depth > 3 ? 0 : source.below(6);
  if (kind === 4) return someObject(source, depth + 1);
  if (kind === 5)
    return Array.from({ length: source.below(6) }, () => someValue(source, depth + 1));
  return source.pick(ATOMS);
}

function someObject(source: ByteSource, depth: number): object {
  const made: object = {};
  for (let left = source.below(6); left > 0; left -= 1)
    Object.defineProperty(made, source.pick(OPTION_NAMES), {
      value: someValue(source, depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return made;
}
