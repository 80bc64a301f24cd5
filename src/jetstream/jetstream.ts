/**
 * A connection to a NATS server with JetStream, which outlasts restarts of the server. The libraries are loaded with the first.
 * What is kept there is decided by the files beside this one.
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Clock, systemClock } from '../io/process/clock.ts';

/** How long a server that is away is waited for, in ms. Ours: a restart takes seconds; less than a crawl waits for its queue. */
const PATIENCE_MS = 50_000;

/** Pause between two attempts, to connect or to do something, in ms. Ours. */
const RETRY_MS = 250;

/** Wait for the answer to one request, in ms. Ours. */
const REQUEST_MS = 5_000;

/** Between two pings of a silent connection, in ms; after two without an answer it is made anew. Ours. */
const PING_MS = 10_000;

/** Time that the end of the connection gets, in ms. Ours. */
const CLOSE_MS = 2_000;

/** What a server answers while it starts, besides silence. Source: nats-server `server/errors.json`, 503. */
const UNAVAILABLE = 503;

const URL_SHAPE = 'nats://<host>:<port>, with a name behind it if not "peerchart"';

/** What stands before the names of streams, buckets and subjects. */
const DEFAULT_NAME = 'peerchart';

/** Characters that names of streams may have. Source: docs.nats.io, "Naming streams". Length: ours. */
const NAME = /^[A-Za-z0-9_-]{1,32}$/;

export type JetStreamUrl = {
  readonly server: string;
  readonly name: string;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly isTls: boolean;
};

/**
 * Reads `nats://user:password@host:port/name`; a user without a password is a token, `tls://` is encrypted.
 * @throws {NatsError}
 */
export function parseJetStreamUrl(text: string): JetStreamUrl {
  const url = URL.canParse(text) ? new URL(text) : null;
  const name = url?.pathname.slice(1) || DEFAULT_NAME;
  if (!url?.hostname || !/^(nats|tls):$/.test(url.protocol) || url.search || url.hash)
    throw new NatsError(`a NATS server is ${URL_SHAPE}`);
  if (!NAME.test(name))
    throw new NatsError('the name behind a NATS server has 1 to 32 letters, digits, _ or -');
  const [user, pass] = [decoded(url.username), decoded(url.password)];
  return {
    server: url.host,
    name,
    isTls: url.protocol === 'tls:',
    ...(pass ? { user, pass } : user ? { token: user } : {}),
  };
}

/** @throws {NatsError} */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new NatsError('the user and the password of a NATS server are percent-encoded');
  }
}

export type JetStreamOptions = {
  readonly clock?: Clock;
  /** Wait for a server that is not there yet, until the signal. By default that is an error. */
  readonly waitsForServer?: boolean;
  readonly signal?: AbortSignal;
};

export type JetStream = {
  readonly name: string;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  /** A bucket of the newest value of each key, created when it is missing. */
  bucket(name: string, ttlMs: number): Promise<KV>;
  /**
   * Repeats work that failed because the server was away, for {@link PATIENCE_MS} at most: it must do no harm when it was done
   * already. Any other error comes through.
   * @throws {NatsError} The server stayed away, or the connection was closed.
   */
  attempt<Result>(work: () => Promise<Result>): Promise<Result>;
  /** What was sent before is flushed, if the server is there. */
  close(): Promise<void>;
};

/** @throws {NatsError} The server cannot be used. */
export async function openJetStream(
  url: JetStreamUrl,
  { clock = systemClock, waitsForServer = false, signal }: JetStreamOptions = {},
): Promise<JetStream> {
  const [{ connect }, { jetstream, jetstreamManager }, { Kvm }] = await Promise.all([
    import('@nats-io/transport-node'),
    import('@nats-io/jetstream'),
    import('@nats-io/kv'),
  ]);
  for (;;) {
    try {
      const connection = await connect(connectionOptions(url));
      try {
        const manager = await jetstreamManager(connection, { timeout: REQUEST_MS });
        const parts = { connection, client: jetstream(connection), manager, clock };
        return new Connection(url, parts, Kvm);
      } catch (error) {
        await connection.close();
        throw error;
      }
    } catch (error) {
      if (!waitsForServer || !isUnreachable(error) || signal?.aborted)
        throw failed(url.server, error);
    }
    await pause(clock, RETRY_MS, signal);
    if (signal?.aborted) throw new NatsError(`NATS at ${url.server}: it was not reached`);
  }
}

type KvmClass = typeof import('@nats-io/kv').Kvm;

type Parts = {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly clock: Clock;
};

class Connection implements JetStream {
  readonly name: string;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly #server: string;
  readonly #connection: NatsConnection;
  readonly #clock: Clock;
  readonly #Kvm: KvmClass;

  constructor({ server, name }: JetStreamUrl, parts: Parts, Kvm: KvmClass) {
    this.name = name;
    this.#server = server;
    this.client = parts.client;
    this.manager = parts.manager;
    this.#connection = parts.connection;
    this.#clock = parts.clock;
    this.#Kvm = Kvm;
  }

  bucket(name: string, ttl: number): Promise<KV> {
    return this.attempt(() => new this.#Kvm(this.client).create(name, { ttl, history: 1 }));
  }

  async attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    const endsAt = this.#clock.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (this.#connection.isClosed()) throw failed(this.#server, error);
        if (!isAway(error)) throw error;
        if (this.#clock.now() >= endsAt) throw failed(this.#server, error);
        await pause(this.#clock, RETRY_MS);
      }
    }
  }

  async close(): Promise<void> {
    const over = new AbortController();
    const flushed = this.#connection.flush().catch(() => {});
    await Promise.race([flushed, pause(this.#clock, CLOSE_MS, over.signal)]);
    over.abort(); // no timer stays behind
    await this.#connection.close();
  }
}

/** It is away, or went away meanwhile; a wrong password is neither, nor is a server without JetStream. */
const isUnreachable = (error: unknown): boolean =>
  isAway(error)
    ? (error as Error).name !== 'JetStreamNotEnabled'
    : (error as Error).name === 'ClosedConnectionError';

/** No answer, nothing that could answer yet, or an answer that says "not now". Names: errors of @nats-io/nats-core. */
function isAway(error: unknown): boolean {
  const { name, code } = error as { readonly name?: string; readonly code?: unknown };
  return (
    name === 'TimeoutError' ||
    name === 'NoRespondersError' ||
    name === 'RequestError' ||
    name === 'ConnectionError' ||
    name === 'JetStreamNotEnabled' ||
    name === 'JetStreamError' ||
    code === UNAVAILABLE
  );
}

const failed = (server: string, cause: unknown): NatsError =>
  new NatsError(`NATS at ${server}: ${sentenceOf(cause as Error)}`, { cause });

function sentenceOf({ name, message }: Error): string {
  if (name === 'JetStreamNotEnabled') return 'its JetStream is not enabled (nats-server -js)';
  if (name === 'TimeoutError' || name === 'NoRespondersError') return 'it does not answer';
  return message;
}

const connectionOptions = ({ server, user, pass, token, isTls }: JetStreamUrl) => ({
  servers: server,
  name: 'peerchart',
  maxReconnectAttempts: -1,
  reconnectTimeWait: RETRY_MS,
  reconnectJitter: RETRY_MS,
  timeout: REQUEST_MS,
  pingInterval: PING_MS,
  ...(pass === undefined ? {} : { user, pass }),
  ...(token === undefined ? {} : { token }),
  ...(isTls ? { tls: {} } : {}),
});

/** Ends early with the signal. */
function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimeout(end, ms);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}

/** What keeps NATS from being used; the message is one line for people, without a password. */
export class NatsError extends Error {
  override readonly name = 'NatsError';
}
