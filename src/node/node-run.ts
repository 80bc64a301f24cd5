/** Does the steps of one run of a node. Their order is decided by `machines/node/node.ts`. */
import { NodeError } from '../api/node-error.ts';
import type {
  NodeCommand,
  NodeFault,
  NodeFaultKind,
  NodeReport,
  NodeSteps,
  ServerEnded,
} from '../io/adapters/node-parts.ts';
import { thrownText } from '../io/process/thrown.ts';
import { KeyFileError } from '../server/node-key-file.ts';
import { Server } from '../server.ts';
import type { NodeConfig } from './check-options.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { DirectoryInUseError } from './directory-lock.ts';
import type { Service } from './node-options.ts';
import { Services } from './services.ts';

type Step = () => unknown;

/** What makes a fault of an error that a step throws. */
type FaultOf = (error: unknown) => NodeFault;

type FailedType = Extract<NodeReport['type'], `${string}.failed`>;
type UndoneType = Exclude<Extract<NodeReport, { readonly fault: unknown }>['type'], FailedType>;
type DoneType = Exclude<NodeReport['type'], FailedType | UndoneType>;

/** The error of each fault, as it was thrown. */
const causes = new WeakMap<NodeFault, unknown>();

/** Undefined for a fault without an error, such as a step that lost its time. */
export const causeOf = (fault: NodeFault): unknown => causes.get(fault);

export type RunParts = {
  readonly onServerEnded: (ended: ServerEnded) => void;
  /** Before `onServer`. */
  readonly onServer: (server: Server) => Promise<void>;
};

export class NodeRun implements NodeSteps {
  readonly services = new Services();
  /** Sentences for the operator: two at most. */
  readonly notes: string[] = [];
  readonly #config: NodeConfig;
  readonly #parts: RunParts;
  /** Of users: the run ends. */
  readonly #ending = new AbortController();
  readonly #apis: AsyncDisposable[] = [];
  #directory: DataDirectory | null = null;
  #server: Server | null = null;
  #isServerStarting = false;

  constructor(config: NodeConfig, parts: RunParts) {
    this.#config = config;
    this.#parts = parts;
  }

  /** From its creation on. */
  get server(): Server | null {
    return this.#server;
  }

  interrupt(): void {
    this.#ending.abort();
    if (this.#isServerStarting) this.#server?.stop().catch(() => {}); // its start rejects then
  }

  async carryOut(command: NodeCommand, signal: AbortSignal): Promise<NodeReport> {
    const report = await this.#carryOut(command, signal);
    if (signal.aborted && 'fault' in report && report.fault) this.#warn(report.fault.message);
    return report;
  }

  async #carryOut(command: NodeCommand, signal: AbortSignal): Promise<NodeReport> {
    switch (command.type) {
      case 'directory.open':
        return begin(
          ['directory.opened', 'directory.failed'],
          () => this.#openDirectory(signal),
          directoryFault,
        );
      case 'service.create':
        return begin(
          ['service.created', 'service.failed'],
          () => this.#createService(command.index, signal),
          serviceFault(`services[${command.index}] was not made`),
        );
      case 'server.create':
        return begin(
          ['server.created', 'server.failed'],
          () => this.#createServer(),
          faultWith('startFailed', 'the server was not made'),
        );
      case 'server.start':
        return begin(
          ['server.started', 'server.failed'],
          () => this.#startServer(),
          faultWith('startFailed'),
        );
      case 'service.start': {
        const service = this.services.at(command.index);
        return begin(
          ['service.started', 'service.failed'],
          () => this.#startService(service, signal),
          serviceFault(`the service "${service.key}" did not start`),
        );
      }
      case 'api.open':
        return begin(
          ['api.opened', 'api.failed'],
          () => this.#openApi(command.index, signal),
          faultWith('apiFailed', `apis[${command.index}] did not open`),
        );
      case 'api.close':
        return this.#end(
          'api.closed',
          () => this.#apis[command.index]?.[Symbol.asyncDispose](),
          faultWith('apiFailed', `apis[${command.index}] did not close`),
        );
      case 'service.stop': {
        const service = this.services.at(command.index);
        return this.#end(
          'service.stopped',
          () => service.stop?.(),
          serviceFault(`the service "${service.key}" did not stop`),
        );
      }
      case 'server.stop':
        return this.#end(
          'server.stopped',
          () => this.#server?.stop(),
          faultWith('stopFailed', 'the server did not stop'),
        );
      case 'directory.release':
        return this.#end(
          'directory.released',
          () => this.#directory?.release(),
          faultWith('directoryFailed', 'the data directory was not released'),
        );
    }
  }

  async #end(type: UndoneType, step: Step, toFault: FaultOf): Promise<NodeReport> {
    this.#ending.abort();
    return { type, fault: await faultOf(step, toFault) };
  }

  async #openDirectory(signal: AbortSignal): Promise<void> {
    const { datadir: folder, key, keyFile, allowReadableKey, clock } = this.#config;
    const directory = await openDataDirectory({ folder, key, keyFile, allowReadableKey, clock });
    if (signal.aborted) return directory.release();
    this.#directory = directory;
    for (const name of ['staticNodes', 'trustedNodes'] as const)
      if (directory[name]) this.#note(noteOn(name, this.#config.server[name] !== undefined));
  }

  async #createService(index: number, signal: AbortSignal): Promise<void> {
    const { datadir } = this.#config;
    const factory = present(this.#config.services[index]);
    const nodeId = present(this.#directory).key.id;
    const context = { datadir, nodeId, signal: this.#ending.signal };
    await this.services.make(factory, context, () => signal.aborted);
  }

  async #createServer(): Promise<void> {
    const { server: options, onServer } = this.#config;
    const { key, nodes, staticNodes, trustedNodes } = present(this.#directory);
    const server = new Server({
      ...(nodes !== null && { nodeDatabase: nodes }),
      ...(staticNodes && { staticNodes }),
      ...(trustedNodes && { trustedNodes }),
      ...options,
      nodeKey: key,
      protocols: [...(options.protocols ?? []), ...this.services.protocols],
    });
    this.#server = server;
    server.actor.subscribe({
      complete: () => this.#reportServerEnd(new Error('the server ended by itself')),
      error: (error) => this.#reportServerEnd(error),
    });
    await this.#parts.onServer(server);
    await onServer?.(server);
  }

  async #startServer(): Promise<void> {
    this.#isServerStarting = true;
    try {
      await present(this.#server).start();
    } finally {
      this.#isServerStarting = false;
    }
  }

  async #startService(service: Service, signal: AbortSignal): Promise<void> {
    await service.start?.(present(this.#server));
    if (signal.aborted) await service.stop?.();
  }

  async #openApi(index: number, signal: AbortSignal): Promise<void> {
    const { datadir, networkId } = this.#config;
    const api = await present(this.#config.apis[index])({
      ...{ server: present(this.#server), datadir },
      ...(networkId !== undefined && { networkId }),
    });
    if (typeof (api as Partial<AsyncDisposable> | null)?.[Symbol.asyncDispose] !== 'function')
      throw new TypeError('an API needs [Symbol.asyncDispose]()');
    if (signal.aborted) await api[Symbol.asyncDispose]();
    else this.#apis.push(api);
  }

  #note(sentence: string): void {
    this.notes.push(sentence);
    this.#warn(sentence);
  }

  #warn(sentence: string): void {
    this.#config.server.logger?.warn(sentence);
  }

  #reportServerEnd(error: unknown): void {
    if (this.#ending.signal.aborted) return;
    const fault = faultWith('serverEnded')(error);
    causes.set(fault, error);
    this.#warn(fault.message);
    this.#parts.onServerEnded({ type: 'server.ended', fault });
  }
}

const FILES = { staticNodes: 'static-nodes.json', trustedNodes: 'trusted-nodes.json' } as const;

const noteOn = (option: keyof typeof FILES, isGiven: boolean): string =>
  isGiven
    ? `${FILES[option]} is not used: the option "${option}" is given`
    : `${FILES[option]} is used; the option "${option}" would be preferred`;

async function begin(
  [done, failed]: readonly [DoneType, FailedType],
  step: Step,
  toFault: FaultOf,
): Promise<NodeReport> {
  const fault = await faultOf(step, toFault);
  return fault ? { type: failed, fault } : { type: done };
}

/** Null when it succeeded. */
async function faultOf(step: Step, toFault: FaultOf): Promise<NodeFault | null> {
  try {
    await step();
    return null;
  } catch (error) {
    const fault = toFault(error);
    causes.set(fault, error);
    return fault;
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : thrownText(error);

const faultWith =
  (kind: NodeFaultKind, what?: string): FaultOf =>
  (error) => ({
    kind,
    message: what === undefined ? messageOf(error) : `${what}: ${messageOf(error)}`,
  });

const serviceFault =
  (what: string): FaultOf =>
  (error) =>
    error instanceof NodeError && error.kind === 'duplicateService'
      ? faultWith('duplicateService')(error)
      : faultWith('serviceFailed', what)(error);

const directoryFault: FaultOf = (error) => {
  if (error instanceof DirectoryInUseError) return faultWith('inUse')(error);
  if (error instanceof KeyFileError) return faultWith('keyFailed')(error);
  return faultWith('directoryFailed', 'the data directory cannot be used')(error);
};

/** The chart asks for a step only after those that it needs. */
function present<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error('an earlier step is missing');
  return value;
}
