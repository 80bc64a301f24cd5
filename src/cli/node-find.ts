/** `lookup` and `resolve` of `peerchart discv4` and `discv5`: find nodes near a place, or one node, with a server that only discovers. */
import { pino } from 'pino';

import type { DiscoveryTable } from '../api/discovery-table.ts';
import type { Ports } from '../api/options.ts';
import { type Node, parseNode } from '../io/crypto/node.ts';
import { generateNodeKey } from '../io/crypto/node-key.ts';
import { publicKeyHex } from '../io/crypto/public-key.ts';
import { type Clock, systemClock } from '../io/process/clock.ts';
import { formatRecord } from '../io/wire/enr.ts';
import type { DiscoveryVersionName } from '../machines/discovery/table-maintenance.ts';
import { Server } from '../server.ts';
import { CommandError } from './error.ts';
import { INTERRUPTED, type Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';

export type FindOptions = {
  readonly version: DiscoveryVersionName;
  /** Where it begins. */
  readonly bootnodes?: readonly string[];
  /** Longest search, in seconds. */
  readonly timeout: number;
  readonly host: string;
  readonly port: number;
  readonly json?: boolean;
};

/** Pause between two looks at the table, in ms, until it has a node. */
const LOOK_MS = 50;

/**
 * Prints every node on the way to a place, which is that of a node or a random one.
 *
 * @returns The exit code: 0 when a node was found, 1 when none was, 130 after Ctrl-C.
 * @throws {CommandError} No bootnode is given. @throws {ServerError} `startFailed`.
 */
export async function nodeLookup(
  target: Node | undefined,
  options: FindOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  if (!options.bootnodes?.length)
    throw new CommandError('a lookup needs nodes to begin with: name them with --bootnodes');
  const write = writer(options, terminal);
  return search(options, terminal, ports, async (discovery, signal, clock) => {
    await untilSome(discovery, signal, clock);
    let nodes = 0;
    for await (const node of discovery.lookup(target ?? somewhere(), { signal })) {
      nodes += 1;
      write({ type: 'lookup.node', ...shown(node) }, node.text);
    }
    write({ type: 'lookup.ended', nodes }, `${nodes} nodes`);
    return nodes > 0;
  });
}

/**
 * Prints a node as it describes itself now: where it was, or where its neighbours say that it is.
 *
 * @returns The exit code: 0 when it was found, 1 when not, 130 after Ctrl-C. @throws {ServerError} `startFailed`.
 */
export async function nodeResolve(
  node: Node,
  options: FindOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  const write = writer(options, terminal);
  return search(options, terminal, ports, async (discovery, signal, clock) => {
    if (options.bootnodes?.length) await untilSome(discovery, signal, clock);
    const found = await discovery.resolve(node, { signal });
    if (found) write({ type: 'resolve.found', ...shown(found) }, found.text);
    else write({ type: 'resolve.notFound', id: node.id }, 'not found: it does not answer');
    return found !== null;
  });
}

type Table = Pick<DiscoveryTable, 'nodes' | 'lookup' | 'resolve'>;

type Search = (discovery: Table, signal: AbortSignal, clock: Clock) => Promise<boolean>;

async function search(
  { version, bootnodes = [], timeout, host, port }: FindOptions,
  { stderr, signal }: Terminal,
  ports: Partial<Ports>,
  find: Search,
): Promise<number> {
  const clock = ports.clock ?? systemClock;
  await using server = new Server({
    nodeKey: generateNodeKey(),
    listen: null,
    noDial: true,
    bootnodes,
    discovery: version,
    discoveryListen: { host, port },
    logger: pino({ level: 'error' }, stderr),
    ports,
  });
  await server.start();
  const over = new AbortController();
  const timer = clock.setTimeout(() => over.abort(), timeout * 1_000);
  try {
    const table = version === 'v4' ? server.discovery : server.discoveryV5;
    const isFound = await find(table!, AbortSignal.any([signal, over.signal]), clock);
    if (signal.aborted) return INTERRUPTED;
    return isFound ? 0 : 1;
  } finally {
    clock.clearTimeout(timer);
  }
}

/** The bootnodes are not in the table yet when a server has started. */
async function untilSome(discovery: Table, signal: AbortSignal, clock: Clock): Promise<void> {
  while (discovery.nodes().length === 0 && !signal.aborted)
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, LOOK_MS));
}

/** A place of the network at which there is no node. */
function somewhere(): Node {
  const { publicKey } = generateNodeKey();
  return parseNode(`enode://${publicKeyHex(publicKey)}@127.0.0.1:0`);
}

const shown = ({ id, text, record }: Node) => ({
  ...{ id, node: text },
  enr: record && formatRecord(record.bytes),
  seq: record?.seq ?? null,
});

const writer =
  ({ json }: Pick<FindOptions, 'json'>, terminal: Terminal) =>
  (report: object, line: string): void => {
    const text = json ? timedJson(report, terminal) : timedLines(() => line, terminal);
    terminal.stdout.write(`${text}\n`);
  };
