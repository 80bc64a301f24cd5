/** What users give a node, and what services and APIs get of it. `check-options.ts` checks it. */
import type { ServerOptions } from '../api/options.ts';
import type { Protocol } from '../api/protocol.ts';
import type { Server } from '../server.ts';

export type NodeOptions = {
  /**
   * Options of its server. The key, the node database and the client name come from the node unless they are given, and
   * the protocols of all services follow those given here. A node that is started again needs `candidates` that can be
   * iterated again.
   */
  readonly server?: NodeServerOptions;
  /**
   * The folder of the node: lock, `nodekey`, node database and lists of nodes; created when it is missing, and used by one
   * process at a time. Without one the key is new in each run and nothing is kept.
   */
  readonly datadir?: string;
  /** The key file, in place of `nodekey` in the data directory; created when it is missing. */
  readonly nodeKeyFile?: string;
  /** Accept a key file that other users can read. */
  readonly allowReadableKey?: boolean;
  /** A word of yours in the client name: `peerchart/<identity>/v…`. */
  readonly identity?: string;
  /** The number of the network, for APIs. */
  readonly networkId?: number;
  /** Made in this order, started in this order, stopped in reverse; 100 at most. */
  readonly services?: readonly ServiceFactory[];
  /** Opened last, closed first; 16 at most. */
  readonly apis?: readonly ApiFactory[];
  /** Called with each new server before it starts, to attach an inspector or a recording. Its failure fails the start. */
  readonly onServer?: (server: Server) => void | Promise<void>;
};

export type NodeServerOptions = Omit<ServerOptions, 'nodeKey' | 'nodeDatabase'> &
  Partial<Pick<ServerOptions, 'nodeKey'>>;

/** A part of your application that runs with the node. What it holds it gets in `start` and gives back in `stop`. */
export type Service = {
  /** One service of a node has it. */
  readonly key: string;
  readonly protocols?: readonly Protocol[];
  /** After the server has started; within 60 s. When it fails, `stop` is not called. */
  start?(server: Server): void | Promise<void>;
  /** Before the server stops; within 10 s. */
  stop?(): void | Promise<void>;
};

/** Called in each start, within 30 s. */
export type ServiceFactory<Made extends Service = Service> = (
  context: ServiceContext,
) => Made | Promise<Made>;

/** A service by what made it, which gives its type, or by its key. */
export type ServiceLookup = {
  <Made extends Service>(factory: ServiceFactory<Made>): Made;
  <Made extends Service = Service>(key: string): Made;
};

export type ServiceContext = {
  /** Absolute; null without one. */
  readonly datadir: string | null;
  /** Of this node, 64 hex digits. */
  readonly nodeId: string;
  /** A service that was made before this one. @throws {NodeError} `unknownService`. */
  readonly service: ServiceLookup;
  /** Aborted when the node begins to stop, also during its start. */
  readonly signal: AbortSignal;
};

/** Opens something for users of a running node, within 10 s; it is disposed of, within 2 s, before all else stops. */
export type ApiFactory = (running: RunningNode) => AsyncDisposable | Promise<AsyncDisposable>;

export type RunningNode = {
  readonly server: Server;
  /** Absolute; null without one. */
  readonly datadir: string | null;
  readonly networkId?: number;
};
