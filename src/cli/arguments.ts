/** Parses the arguments of the command line. Each reader rejects a wrong value with a sentence that commander shows. */
import { InvalidArgumentError } from 'commander';

import { parseTreeUrl, type TreeLink } from '../io/crypto/dns-tree-entry.ts';
import { type Node, parseNode } from '../io/crypto/node.ts';
import { parseNat } from '../io/nat/nat-option.ts';
import { TreeError } from '../io/wire/dns-tree.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { isHostAddress, parseNetRestrict } from '../io/wire/ip-address.ts';
import { NatsError, parseJetStreamUrl } from '../jetstream/jetstream.ts';
import type { DiscoveryVersionName } from '../machines/discovery/table-maintenance.ts';
import { MAX_CRAWLED } from './crawler.ts';
import type { Offer } from './offered-protocols.ts';

/** Longest name in Hello, in bytes of UTF-8, as the server has it. */
const MAX_NAME_BYTES = 256;

const MAX_PORT = 65_535;

const MAX_SEED = 2 ** 32 - 1;

/** Highest speed of a demo: beyond it nothing can be followed, and a core is busy. Ours. */
const MAX_SPEED = 20;

/** Name, version and perhaps the number of message codes, as `options.ts` takes them. */
const CAPABILITY = /^([!-.0-~]{1,8})\/(\d{1,9})(?::(\d{1,5}))?$/;

/** As the node has it. */
const IDENTITY = /^[!-.0-~]{1,64}$/;

/** Most message codes of a protocol, as the server has it. */
const MAX_CODES = 65_535;

/** Longest wait, in seconds: one day. Ours. */
const MAX_TIMEOUT = 86_400;

export const readPort = (text: string): number => readInteger(text, 0, MAX_PORT);

export const readNodeCount = (text: string): number => readInteger(text, 1, MAX_CRAWLED);

export const readSequence = (text: string): number => readInteger(text, 0, Number.MAX_SAFE_INTEGER);

export const readSeed = (text: string): number => readInteger(text, 0, MAX_SEED);

/** A factor: 2 is twice as fast. */
export function readSpeed(text: string): number {
  const speed = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || speed === 0 || speed > MAX_SPEED)
    throw new InvalidArgumentError(`Expected a number, more than 0 and at most ${MAX_SPEED}.`);
  return speed;
}

export function readTreeUrl(text: string): TreeLink {
  try {
    return parseTreeUrl(text);
  } catch (error) {
    if (error instanceof TreeError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
}

/** Of `--discovery`. `isDns`: node lists in DNS, which need `--dns-tree`. */
export type DiscoveryWays = {
  readonly versions: readonly DiscoveryVersionName[];
  readonly isDns: boolean;
};

export function readDiscovery(text: string): DiscoveryWays {
  const ways = text === 'none' ? [] : text.split(',');
  for (const way of ways)
    if (way !== 'v4' && way !== 'v5' && way !== 'dns')
      throw new InvalidArgumentError('Expected v4, v5 and dns, with commas, or none.');
  const versions = (['v4', 'v5'] as const).filter((version) => ways.includes(version));
  return { versions, isDns: ways.includes('dns') };
}

export function collectTree(url: string, urls: readonly string[] = []): readonly string[] {
  return [...urls, readTreeUrl(url).url];
}

export function readTimeout(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || seconds === 0 || seconds > MAX_TIMEOUT)
    throw new InvalidArgumentError(`Expected seconds, more than 0 and at most ${MAX_TIMEOUT}.`);
  return seconds;
}

/** A node that we are to dial: a command has no resolver to ask for its address. */
export function readDialable(text: string): Node {
  const node = readNode(text);
  if (node.hostKind === 'none')
    throw new InvalidArgumentError('Expected a record with an address ("ip" or "ip6").');
  return node;
}

/** A node that we are to ask over UDP: at an IP address, and with a port. */
export function readUdpNode(text: string): Node {
  const node = readNode(text);
  if ((node.hostKind !== 'ipv4' && node.hostKind !== 'ipv6') || node.udpPort === 0)
    throw new InvalidArgumentError('Expected a node with an IP address and a UDP port.');
  return node;
}

export function readNode(text: string): Node {
  try {
    return parseNode(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new InvalidArgumentError(`${error.message}.`);
  }
}

/** One value of a list: checked, and kept as written. */
export function collectNode(text: string, earlier: readonly string[] = []): readonly string[] {
  readNode(text);
  return [...earlier, text];
}

/** One network of a list: checked, and kept as written. */
export function collectNetwork(text: string, earlier: readonly string[] = []): readonly string[] {
  try {
    parseNetRestrict([text]);
  } catch {
    throw new InvalidArgumentError('Expected a network, such as 192.0.2.0/24 or 2001:db8::/32.');
  }
  return [...earlier, text];
}

/** One capability of a list, such as `eth/69`, or with the number of its message codes `mine/1:5`. */
export function collectCapability(text: string, earlier: readonly Offer[] = []): readonly Offer[] {
  const [, name, version, codes] = CAPABILITY.exec(text) ?? [];
  if (name === undefined || version === undefined)
    throw new InvalidArgumentError('Expected a name of up to 8 characters and a version: eth/69.');
  const length = codes === undefined ? {} : { length: readInteger(codes, 1, MAX_CODES) };
  const capability = { name, version: Number(version), ...length };
  if (earlier.some((other) => other.name === name && other.version === capability.version))
    throw new InvalidArgumentError('Expected each capability once.');
  return [...earlier, capability];
}

export function readName(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_NAME_BYTES)
    throw new InvalidArgumentError(`Expected at most ${MAX_NAME_BYTES} bytes, got ${bytes}.`);
  return text;
}

/** The IP address of one host. */
export function readAddress(text: string): string {
  if (!isHostAddress(text)) throw new InvalidArgumentError('Expected the IP address of one host.');
  return text;
}

/** How others reach us, as the option `nat` of the server takes it. */
export function readNat(text: string): string {
  try {
    parseNat(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

export function readHost(text: string): string {
  if (text === '') throw new InvalidArgumentError('Expected an address or a name.');
  return text;
}

export function readInteger(text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  return value;
}

export function readBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false')
    throw new InvalidArgumentError('Expected true or false.');
  return text === 'true';
}

/** One of these words. */
export const readWord =
  (words: readonly string[]) =>
  (text: string): string => {
    if (!words.includes(text)) throw new InvalidArgumentError(`Expected ${words.join(', ')}.`);
    return text;
  };

export function readText(text: string): string {
  if (text === '') throw new InvalidArgumentError('Expected a text that is not empty.');
  return text;
}

/** A NATS server, such as `nats://192.0.2.1:4222`. */
export function readNatsUrl(text: string): string {
  try {
    parseJetStreamUrl(text);
  } catch (error) {
    if (!(error instanceof NatsError)) throw error;
    throw new InvalidArgumentError(`Expected that ${error.message}.`);
  }
  return text;
}

/** An address and a port, such as `192.0.2.1:30303` or `[::]:30303`. */
export function readEndpoint(text: string): Endpoint {
  const [, inBrackets, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text) ?? [];
  const host = inBrackets ?? plain;
  if (host === undefined || port === undefined)
    throw new InvalidArgumentError('Expected an address and a port, such as 192.0.2.1:30303.');
  return { host, port: readPort(port) };
}

/** For an option that may be given more than once. */
export const collectEndpoint = (
  text: string,
  earlier: readonly Endpoint[] = [],
): readonly Endpoint[] => [...earlier, readEndpoint(text)];

export function readIdentity(text: string): string {
  if (!IDENTITY.test(text))
    throw new InvalidArgumentError('Expected 1 to 64 printable ASCII characters without a slash.');
  return text;
}
