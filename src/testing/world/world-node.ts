/** One node of a world: a real server, with its place in the network, its clock and everything it reported. */
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

/** Every option of a server that the world does not set itself. */
export type WorldNodeOptions = Omit<
  ServerOptions,
  'nodeKey' | 'listen' | 'inspect' | 'logger' | 'ports'
> & {
  /** What others call it in messages; `node 1` and so on by default. */
  readonly label?: string;
  /** An IP literal; by default a public one in a subnet of its own. */
  readonly address?: string;
  /** Gives it an address of a local network instead, where throttles and subnet limits do not apply. */
  readonly lan?: boolean;
  /** The router it is behind, made by `world.nat()`. */
  readonly nat?: Nat;
  /** Null does not listen. */
  readonly port?: number | null;
  /** Hears the inspection events of every actor of this node, besides the world. */
  readonly inspect?: (event: InspectionEvent) => void;
  /** False where a world goes on for ever: nothing that is reported stays in `events`. Default true. */
  readonly keepsEvents?: boolean;
  /** Parts of the outside world that are not those of the simulation. */
  readonly ports?: Partial<Ports>;
};

export type WorldNode = {
  readonly label: string;
  readonly server: Server;
  readonly key: NodeKey;
  readonly id: string;
  /** Where others dial it. */
  readonly enode: string;
  readonly host: Host;
  /** What it reported, in order. */
  readonly events: readonly ServerEvent[];
  /** Leaps ahead of the clock of the world with `leap`. */
  readonly clock: NodeClock;
  readonly options: WorldNodeOptions;
};

export type NodeSurroundings = {
  readonly secret: Uint8Array;
  readonly ports: Partial<Omit<Ports, 'clock'>>;
  readonly worldClock: Ports['clock'];
  readonly inspect: (event: InspectionEvent) => void;
  readonly onEvent: (label: string, event: ServerEvent) => void;
  /** A mistake of ours that the server survived. */
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
  msgrecv: 1,
  msgsend: 1,
} satisfies Record<keyof ServerEvents, 1>) as (keyof ServerEvents)[];

/** Where a node listens that was not told another port. */
export const DEFAULT_PORT = 30_303;

/** Not started. */
export function createNode(
  label: string,
  host: Host,
  options: WorldNodeOptions,
  surroundings: NodeSurroundings,
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
  const key = createNodeKey(surroundings.secret, surroundings.ports.primitives);
  const clock = new NodeClock(surroundings.worldClock);
  const server = new Server({
    ...rest,
    nodeKey: key,
    listen: port === null ? null : { host: host.address, port },
    logger: pino(
      { level: 'error' },
      {
        write: (line) =>
          reportError(line, (sentence) => surroundings.onInternalError(label, sentence)),
      },
    ),
    inspect: (event) => {
      surroundings.inspect(event);
      inspect?.(event);
    },
    ports: { ...surroundings.ports, clock, ...ports },
  });
  const events: ServerEvent[] = [];
  for (const type of EVENTS)
    server.on(type, (event) => {
      if (keepsEvents) events.push(event as ServerEvent);
      surroundings.onEvent(label, event as ServerEvent);
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
