/** One node of a world: a real server with its host, its clock and the events it reported. */
import { pino } from 'pino';
import type { InspectionEvent } from 'xstate';
import type { Ports, ServerOptions } from '../../api/options.ts';
import type { ServerEvent, ServerEvents } from '../../api/server-events.ts';
import { formatEnode } from '../../io/crypto/enode.ts';
import { createNodeKey, type NodeKey } from '../../io/crypto/node-key.ts';
import { Server } from '../../server.ts';
import type { Host } from './internet.ts';
import type { Nat } from './nat.ts';
import { NodeClock } from './node-clock.ts';

/** Server options, except those that the world sets itself. */
export type WorldNodeOptions = Omit<
  ServerOptions,
  'nodeKey' | 'listen' | 'nat' | 'inspect' | 'logger' | 'ports'
> & {
  /** Name of the node in messages. Default `node 1` and so on. */
  readonly label?: string;
  /** An IP literal. Default: a public one in a /24 of its own. */
  readonly address?: string;
  /** Uses a private address, to which throttles and subnet limits do not apply. */
  readonly lan?: boolean;
  /** The NAT in front of it, created by `world.nat()`. */
  readonly nat?: Nat;
  /** TCP port; null to not listen. Default 30303. */
  readonly port?: number | null;
  /** Also receives the inspection events of every actor of this node. */
  readonly inspect?: (event: InspectionEvent) => void;
  /** False keeps `events` empty, for worlds that run without end. Default true. */
  readonly keepsEvents?: boolean;
  /** Ports that replace those of the simulation. */
  readonly ports?: Partial<Ports>;
};

export type WorldNode = {
  readonly label: string;
  readonly server: Server;
  readonly key: NodeKey;
  readonly id: string;
  /** Its enode URL. */
  readonly enode: string;
  readonly host: Host;
  /** The events that the server reported, in order. */
  readonly events: readonly ServerEvent[];
  /** `leap` moves it ahead of the world's clock. */
  readonly clock: NodeClock;
  readonly options: WorldNodeOptions;
};

export type NodeDependencies = {
  readonly secret: Uint8Array;
  readonly ports: Partial<Omit<Ports, 'clock'>>;
  readonly worldClock: Ports['clock'];
  readonly inspect: (event: InspectionEvent) => void;
  readonly onEvent: (label: string, event: ServerEvent) => void;
  /** An internal error that the server survived. */
  readonly onInternalError: (label: string, sentence: string) => void;
};

const EVENTS = Object.keys({
  add: 1,
  drop: 1,
  ended: 1,
  turnedAway: 1,
  dialFailed: 1,
  lost: 1,
  restored: 1,
  heldBack: 1,
  msgrecv: 1,
  msgsend: 1,
} satisfies Record<keyof ServerEvents, 1>) as (keyof ServerEvents)[];

/** TCP port of nodes without the option `port`. */
export const DEFAULT_PORT = 30_303;

/** Creates a node; its server is not started. */
export function createNode(
  label: string,
  host: Host,
  options: WorldNodeOptions,
  dependencies: NodeDependencies,
): WorldNode {
  const {
    label: _,
    address: __,
    lan: ___,
    nat,
    port = DEFAULT_PORT,
    inspect,
    keepsEvents = true,
    ports,
    ...rest
  } = options;
  const key = createNodeKey(dependencies.secret, dependencies.ports.primitives);
  const clock = new NodeClock(dependencies.worldClock);
  const server = new Server({
    ...rest,
    nodeKey: key,
    listen: port === null ? null : { host: host.address, port },
    logger: pino(
      { level: 'error' },
      {
        write: (line) =>
          reportError(line, (sentence) => dependencies.onInternalError(label, sentence)),
      },
    ),
    inspect: (event) => {
      dependencies.inspect(event);
      inspect?.(event);
    },
    ports: { ...dependencies.ports, clock, ...ports },
  });
  const events: ServerEvent[] = [];
  for (const type of EVENTS)
    server.on(type, (event) => {
      if (keepsEvents) events.push(event as ServerEvent);
      dependencies.onEvent(label, event as ServerEvent);
    });
  const { publicKey, id } = key;
  const tcpPort = port ?? 0;
  const enode = formatEnode({
    publicKey,
    id,
    host: host.address,
    hostKind: host.address.includes(':') ? 'ipv6' : 'ipv4',
    tcpPort,
    udpPort: tcpPort,
  });
  return { label, server, key, id, enode, host, events, clock, options };
}

function reportError(line: string, report: (sentence: string) => void): void {
  const { msg, error, stack, where } = JSON.parse(line) as {
    readonly msg: string;
    readonly error?: string;
    readonly stack?: string;
    readonly where?: string;
  };
  if (msg === 'internal error') report(`${where}: ${stack ?? error}`);
}
