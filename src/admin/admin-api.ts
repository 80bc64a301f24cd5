/**
 * The admin API of a running server: JSON-RPC with the methods of go-ethereum over a Unix socket, HTTP and WebSocket.
 * Opens and closes the endpoints; what they answer is in `admin-methods.ts`.
 */
import { join } from 'node:path';
import type { Random } from '../io/crypto/primitives.ts';
import { systemRandom } from '../io/crypto/primitives.ts';
import type { Clock } from '../io/process/clock.ts';
import { isoTime, unixTimeMs, wallTime } from '../io/process/wall-time.ts';
import { type Endpoint, formatEndpoint } from '../io/wire/endpoint.ts';
import type { Observation } from '../server/observation.ts';
import type { Server } from '../server.ts';
import { unrefClock } from '../web/unref-clock.ts';
import { adminTable } from './admin-methods.ts';
import { type AdminOptions, type CheckedWebOptions, checkAdminOptions } from './admin-options.ts';
import { bucketsOf } from './discovery-buckets.ts';
import { MAX_BATCH_CALLS } from './json-rpc.ts';
import { MAX_REQUEST_BYTES } from './json-splitter.ts';
import { RecentEndings } from './recent-endings.ts';
import { Recordings, type StartRecording } from './recordings.ts';
import { IPC_FILE } from './rpc-client.ts';
import { RpcConnection, type RpcStream } from './rpc-connection.ts';
import { type RpcMethod, RpcService } from './rpc-service.ts';
import { openUnixEndpoint } from './unix-endpoint.ts';
import { openWebEndpoint } from './web-endpoint.ts';

/** What the API is about: a `Server`, and what only its node knows. */
export type RunningServer = {
  readonly server: Server;
  /** Absolute; null without one. */
  readonly datadir: string | null;
  /** For `net_version`. */
  readonly networkId?: number;
};

export type Admin = AsyncDisposable & {
  /** Path of the Unix socket; null without one. */
  readonly ipc: string | null;
  /** Such as `http://127.0.0.1:8545`; null without one. */
  readonly http: string | null;
  /** Such as `ws://127.0.0.1:8546`; null without one. */
  readonly ws: string | null;
  /** Clients on the socket and on WebSocket. */
  readonly clients: number;
  /** Clients that were disconnected because they did not read. */
  readonly slowClients: number;
  /** Ends every connection. May be called again. */
  close(): Promise<void>;
};

export type AdminPorts = {
  readonly clock: Clock;
  readonly random: Random;
  /** Makes recordings for clients of the Unix socket: `record` of `peerchart/inspect`. Without it there are none. */
  readonly record: StartRecording | null;
};

/**
 * Opens it for a started server, which closes it when it stops. When one endpoint cannot be opened, none stays open.
 * @throws {TypeError} Names each option that is wrong. @throws {AdminError} The path of the socket cannot be used.
 * @throws {ServerError} `stopped`. Rejects with the system error when it cannot listen.
 */
export async function openAdminApi(
  running: RunningServer,
  options: AdminOptions = {},
  ports: Partial<AdminPorts> = {},
): Promise<Admin> {
  const { ipc: given, http, ws } = checkAdminOptions(options);
  const { server, datadir } = running;
  const ipc = given === undefined ? datadir && join(datadir, IPC_FILE) : given;
  return server.attach(async (observation) => {
    const api = new AdminApi(running, observation, ports);
    try {
      if (ipc !== null) await api.openIpc(ipc);
      if (http && ws && isSame(http, ws)) await api.openWeb(http, ws);
      else {
        if (http) await api.openWeb(http, null);
        if (ws) await api.openWeb(null, ws);
      }
    } catch (error) {
      await api.close();
      throw error;
    }
    return api;
  });
}

const isSame = (one: CheckedWebOptions, other: CheckedWebOptions): boolean =>
  one.port === other.port && one.host === other.host && one.port !== 0;

class AdminApi implements Admin {
  ipc: string | null = null;
  http: string | null = null;
  ws: string | null = null;
  slowClients = 0;
  readonly #observation: Observation;
  readonly #ports: Pick<AdminPorts, 'clock' | 'random'>;
  readonly #endings: RecentEndings;
  readonly #recordings: Recordings | null;
  readonly #table;
  readonly #connections = new Set<RpcConnection>();
  readonly #endpoints: { close(): Promise<void> }[] = [];
  #closed: Promise<unknown> | null = null;

  constructor(
    { server, datadir, networkId }: RunningServer,
    observation: Observation,
    { clock = unrefClock, random = systemRandom, record = null }: Partial<AdminPorts>,
  ) {
    this.#observation = observation;
    this.#ports = { clock, random };
    this.#endings = new RecentEndings(server, wallTime);
    this.#recordings = record && new Recordings(server, record);
    const openedAt = clock.now();
    this.#table = adminTable({
      ...{ server, datadir, networkId: networkId ?? null },
      endingsOf: (id) => this.#endings.of(id),
      buckets: () => {
        const { discovery } = server.actor.getSnapshot().children;
        const table = discovery?.getSnapshot().context.table;
        return table ? bucketsOf(table, (agoMs) => isoTime(unixTimeMs() - agoMs)) : null;
      },
      openMs: () => Math.round(clock.now() - openedAt),
      ownLimits: () => ({
        ...{ maxRequestBytes: MAX_REQUEST_BYTES, maxBatchCalls: MAX_BATCH_CALLS },
        ...{ clients: this.clients, slowClients: this.slowClients },
      }),
    });
  }

  get clients(): number {
    return this.#connections.size;
  }

  async openIpc(path: string): Promise<void> {
    const service = this.#service(null);
    this.#endpoints.push(await openUnixEndpoint(path, (stream) => this.#serve(stream, service)));
    this.ipc = path;
  }

  /** One of them is not null. */
  async openWeb(http: CheckedWebOptions | null, ws: CheckedWebOptions | null): Promise<void> {
    const { host, port } = (http ?? ws)!;
    const wsService = ws && this.#service(ws.apis);
    const endpoint = await openWebEndpoint({
      ...{ host, port, clock: this.#ports.clock },
      http: http && this.#service(http.apis),
      serve: wsService && ((stream) => this.#serve(stream, wsService)),
    });
    this.#endpoints.push(endpoint);
    const place: Endpoint = { host: endpoint.at.host, port: endpoint.at.port };
    if (http) this.http = `http://${formatEndpoint(place)}`;
    if (ws) this.ws = `ws://${formatEndpoint(place)}`;
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#endings.close();
      await Promise.all(this.#endpoints.map((endpoint) => endpoint.close()));
      await this.#recordings?.close();
      this.#observation.onClosed();
    })();
    return this.#closed as Promise<void>;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #allMethods(): ReadonlyMap<string, RpcMethod> {
    return new Map([...this.#table.methods, ...(this.#recordings?.methods ?? [])]);
  }

  /** @param apis Null for everything: for the user of the node. */
  #service(apis: readonly string[] | null): RpcService {
    return new RpcService({
      ...this.#table,
      ...(apis === null && { methods: this.#allMethods }),
      namespaces: apis && new Set(apis),
      clock: this.#ports.clock,
      onFault: (error) => this.#observation.onFault(error, 'the admin API'),
    });
  }

  #serve(stream: RpcStream, service: RpcService): void {
    const onSlow = (): void => {
      this.slowClients += 1;
    };
    const connection = new RpcConnection(stream, { service, onSlow, ...this.#ports });
    this.#connections.add(connection);
    void connection.serve().then(() => this.#connections.delete(connection));
  }
}
