/**
 * Another implementation as a child process: typed events out, commands in, an end in any case.
 * What the processes do is in geth-peer/, geth-peer/full-node/, ethereumjs-peer.mjs and chainsafe-discv5-peer.mjs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { FULL_NODE, GETH_PEER } from './build-peers.ts';
import type { FullNodeChain, FullNodeCommand, FullNodeEvent } from './full-node-lines.ts';
import type { PayloadSeries } from './payloads.mjs';

/** Longest usual wait for one event, in ms; go-ethereum redials a static node only after 30 s. */
const EVENT_TIMEOUT_MS = 20_000;

/** Time a process gets to stop by itself, in ms. */
const STOP_TIMEOUT_MS = 5_000;

/** At most this much of stderr is kept for error messages, in characters; the oldest leaves first. */
const MAX_STDERR = 8_192;

/** `geth`: go-ethereum's p2p alone; `full-node`: with eth and a chain; `chainsafe`: @chainsafe/discv5, which speaks discovery v5 only. */
export type PeerKind = 'geth' | 'full-node' | 'ethereumjs' | 'chainsafe';

/** One line of a peer's stdout. `peer` and `id` are node ids: keccak-256 of the public key, in hex. */
type PeerEvent =
  /**
   * `enode` is absent in geth's dial mode, which listens nowhere, and for chainsafe; `id` is empty in geth's shape mode.
   * Nodes of discovery have a `record`, full nodes their `chain` too.
   */
  | {
      readonly type: 'started';
      readonly id: string;
      readonly enode?: string;
      readonly record?: string;
      readonly chain?: FullNodeChain;
    }
  | {
      readonly type: 'add';
      readonly peer: string;
      readonly name: string;
      readonly caps: readonly string[];
      readonly inbound: boolean;
      /** geth only. */
      readonly trusted?: boolean;
      /** geth only: address and port. */
      readonly remote?: string;
    }
  /** geth gives `error`, and `code` when the error is a disconnect reason; ethereumjs gives the rest. */
  | ({ readonly type: 'drop'; readonly peer: string; readonly error?: string } & Ending)
  /** ethereumjs only: a connection that ended before it was added. */
  | ({ readonly type: 'refused'; readonly peer?: string } & Ending)
  /** geth only, in the shape of its admin_peers. */
  | { readonly type: 'peers'; readonly peers: readonly GethPeerInfo[] }
  /** `sha256` is over the content of all echoes in order. */
  | {
      readonly type: 'echoed';
      readonly count: number;
      readonly bytes: number;
      readonly mismatches: number;
      readonly sha256: string;
    }
  /** geth only: what `peer` pushed with bulk/1, up to its end message. */
  | {
      readonly type: 'pushed';
      readonly peer: string;
      readonly messages: number;
      readonly bytes: number;
    }
  /** geth's shape mode only: `port` leads to the port `to`. */
  | { readonly type: 'shaped'; readonly to: number; readonly port: number }
  /** Nodes of discovery only. `udp` is the port that our ping came from, as it says; ids are node ids. */
  | { readonly type: 'pong'; readonly seq: number; readonly udp: number }
  | { readonly type: 'record'; readonly record: string; readonly seq: number }
  | { readonly type: 'found'; readonly index: number; readonly nodes: readonly string[] | null }
  | { readonly type: 'table'; readonly nodes: readonly string[] | null }
  /** geth's dnsdisc mode only: a list that it made and signed, with the TXT record of each name; and one that it read. */
  | {
      readonly type: 'tree';
      readonly url: string;
      readonly zone: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'synced';
      readonly seq: number;
      readonly nodes: readonly string[];
      readonly links: readonly string[] | null;
    }
  /** geth's admin mode only: what an admin API answered, as it came and as go-ethereum writes it after it has read it. */
  | {
      readonly type: 'called';
      readonly raw?: unknown;
      readonly again?: unknown;
      readonly error?: string;
      readonly code?: number;
    }
  | { readonly type: 'peerEvent'; readonly raw: unknown; readonly again: unknown }
  | { readonly type: 'unsubscribed' }
  /** The response to a TALKREQ. */
  | { readonly type: 'talked'; readonly text: string }
  /** A command that failed; `cmd` is empty when no command was at fault. */
  | { readonly type: 'error'; readonly cmd: string; readonly error: string }
  | { readonly type: 'stopped' }
  | FullNodeEvent
  | DialEvent;

/** What geth's dial mode reports. Times count from the end of the encryption handshake. */
type DialEvent =
  /** The call ends here when `ok` is false. */
  | { readonly type: 'handshake'; readonly ok: boolean; readonly error?: string }
  | {
      readonly type: 'hello';
      readonly version: number;
      readonly name: string;
      readonly caps: readonly string[];
      readonly port: number;
      /** Public key in hex, as it came. */
      readonly id: string;
    }
  | {
      readonly type: 'disconnect';
      /** Payload in hex, as it came. */
      readonly raw: string;
      readonly compressed: boolean;
      /** Whether their Hello had not come. */
      readonly beforeHello: boolean;
      readonly afterMs: number;
      /** Absent when `error` says why it could not be read. */
      readonly code?: number;
      readonly form?: 'list' | 'byte';
      readonly reason?: string;
      readonly error?: string;
    }
  | { readonly type: 'ping' }
  | { readonly type: 'message'; readonly code: number; readonly size: number }
  | { readonly type: 'closed'; readonly error: string; readonly afterMs?: number };

type Ending = {
  readonly code?: number;
  /** The name ethereumjs has for `code`. */
  readonly reason?: string;
  readonly by?: 'us' | 'them' | 'nobody';
};

export type GethPeerInfo = {
  readonly enr?: string;
  readonly enode: string;
  readonly id: string;
  readonly name: string;
  readonly caps: readonly string[];
  readonly network: {
    readonly localAddress: string;
    readonly remoteAddress: string;
    readonly inbound: boolean;
    readonly trusted: boolean;
    readonly static: boolean;
  };
  readonly protocols: Readonly<Record<string, unknown>>;
};

/** One line of a peer's stdin. Without `peer` the one that has been connected longest is meant. */
type PeerCommand =
  | { readonly cmd: 'dial'; readonly enode: string }
  | ({ readonly cmd: 'send'; readonly peer?: string } & PayloadSeries)
  | { readonly cmd: 'disconnect'; readonly peer?: string; readonly reason: number }
  /** The next six are geth's; `push` is for bulk/1, `shape` for its shape mode. */
  | {
      readonly cmd: 'push';
      readonly peer?: string;
      readonly count: number;
      readonly size: number;
      readonly afterMs: number;
    }
  | {
      readonly cmd: 'shape';
      readonly port: number;
      readonly bytesPerSecond: number;
      readonly delayMs: number;
      /** The system takes some MiB from a sender at once. */
      readonly deep: boolean;
      /** Bytes after which nothing passes any more; never when 0. */
      readonly stopsAfter: number;
    }
  | { readonly cmd: 'remove'; readonly enode: string }
  | { readonly cmd: 'trust'; readonly enode: string }
  | { readonly cmd: 'untrust'; readonly enode: string }
  | { readonly cmd: 'peers' }
  | DiscoveryCommand
  /** The next two are for geth's dnsdisc mode; `seed` is the sequence number. `walk` reads linked lists too, up to so many nodes. */
  | {
      readonly cmd: 'tree';
      readonly domain: string;
      readonly nodes: readonly string[];
      readonly links: readonly string[];
      readonly seed: number;
    }
  | {
      readonly cmd: 'sync' | 'walk';
      readonly url: string;
      readonly zone: Readonly<Record<string, string>>;
      readonly count?: number;
    }
  | AdminCommand
  | FullNodeCommand
  | { readonly cmd: 'stop' };

/** For geth's admin mode. `url` is the path of a socket or `ws://…`; `as` names the Go type of the result. `subscribe` ends after `count` events. */
export type AdminCommand = { readonly url: string } & (
  | {
      readonly cmd: 'call';
      readonly method: string;
      readonly params?: readonly string[];
      readonly as: 'peers' | 'nodeInfo' | 'buckets' | 'text' | 'bool' | 'any';
    }
  | { readonly cmd: 'batch'; readonly method: string; readonly count: number }
  | { readonly cmd: 'modules' }
  /** Serves an API with a method and a subscription on this path. */
  | { readonly cmd: 'listen' }
  | { readonly cmd: 'subscribe'; readonly count: number }
);

/**
 * For nodes of discovery. `enode` may be a record, `index` is the node that obeys, else the first; `version` tells apart what a
 * node with both versions does, v4 without it. `renew` gives a node a newer record.
 */
type DiscoveryCommand = { readonly index?: number; readonly version?: 'v4' | 'v5' } & (
  | { readonly cmd: 'ping' | 'enr' | 'lookup'; readonly enode: string }
  /** v5 only, as the next one. */
  | { readonly cmd: 'nodes'; readonly enode: string; readonly distances: readonly number[] }
  | {
      readonly cmd: 'talk';
      readonly enode: string;
      readonly protocol: string;
      readonly text: string;
    }
  | { readonly cmd: 'table' | 'renew' }
);

type EventOf<Type extends PeerEvent['type']> = Extract<PeerEvent, { type: Type }>;

export type PeerProcess = AsyncDisposable & {
  readonly started: EventOf<'started'>;
  /**
   * Takes the oldest event of this type that `where` accepts and that is left, or waits for one.
   * Rejects after `withinMs`, 20 s unless told, and at once when the process ended without it.
   */
  next<Type extends PeerEvent['type']>(
    type: Type,
    where?: (event: EventOf<Type>) => boolean,
    withinMs?: number,
  ): Promise<EventOf<Type>>;
  send(command: PeerCommand): void;
  /** Asks, then kills after 5 s. Resolves with the exit code: null when it had to be killed. */
  stop(): Promise<number | null>;
};

type Waiter = {
  readonly offer: (event: PeerEvent) => boolean;
  readonly giveUp: (why: string) => void;
};

/** Starts a peer and waits until it has said "started". */
export async function startPeer(
  kind: PeerKind,
  args: readonly string[] = [],
): Promise<PeerProcess> {
  const [file, first] = COMMANDS[kind];
  const child = spawn(file, [...first, ...args], { stdio: 'pipe' });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const untaken: PeerEvent[] = [];
  const waiters = new Set<Waiter>();
  let stderr = '';
  let ended = false;

  child.stdin.on('error', () => {}); // a peer that is gone reads no more commands
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as PeerEvent;
    for (const waiter of waiters) if (waiter.offer(event)) return;
    untaken.push(event);
  });
  const end = (): void => {
    ended = true;
    for (const waiter of waiters) waiter.giveUp(`${kind} peer ended`);
  };
  exit.then(end, end);

  const next: PeerProcess['next'] = (type, where = () => true, withinMs = EVENT_TIMEOUT_MS) =>
    new Promise((resolve, reject) => {
      const accepts = (event: PeerEvent): event is EventOf<typeof type> =>
        event.type === type && where(event as EventOf<typeof type>);
      const index = untaken.findIndex(accepts);
      if (index >= 0) {
        resolve(untaken.splice(index, 1)[0] as EventOf<typeof type>);
        return;
      }
      const waiter: Waiter = {
        offer(event) {
          if (!accepts(event)) return false;
          settle();
          resolve(event);
          return true;
        },
        giveUp(why) {
          settle();
          const others = untaken.map((event) => JSON.stringify(event)).join('\n');
          reject(new Error(`${why} without "${type}"; untaken events:\n${others}\n${stderr}`));
        },
      };
      const deadline = setTimeout(() => waiter.giveUp(`${kind} peer: ${withinMs} ms`), withinMs);
      const settle = (): void => {
        clearTimeout(deadline);
        waiters.delete(waiter);
      };
      waiters.add(waiter);
      if (ended) waiter.giveUp(`${kind} peer ended`);
    });

  const send = (command: PeerCommand): void => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
  };

  const stop = async (): Promise<number | null> => {
    if (!ended) send({ cmd: 'stop' });
    child.stdin.end();
    const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    try {
      return await exit;
    } finally {
      clearTimeout(deadline);
    }
  };

  try {
    const started = await next('started');
    const dispose = async (): Promise<void> => {
      await stop();
    };
    return { started, next, send, stop, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** What geth's admin_peers says now: after every command it was sent before. */
export async function gethPeers(geth: PeerProcess): Promise<readonly GethPeerInfo[]> {
  geth.send({ cmd: 'peers' });
  return (await geth.next('peers')).peers;
}

const COMMANDS = {
  geth: [GETH_PEER, []],
  'full-node': [FULL_NODE, []],
  ethereumjs: [process.execPath, [join(import.meta.dirname, 'ethereumjs-peer.mjs')]],
  chainsafe: [process.execPath, [join(import.meta.dirname, 'chainsafe-discv5-peer.mjs')]],
} as const satisfies Record<PeerKind, readonly [file: string, args: readonly string[]]>;
