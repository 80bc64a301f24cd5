/**
 * A client of the admin API on its Unix socket: one call after the other, or one subscription. It reads no further than
 * it is asked to. Works with the socket of go-ethereum too.
 */
import { connect, type Socket } from 'node:net';
import type { Clock } from '../io/process/clock.ts';
import { Deadline } from '../io/process/deadline.ts';
import { RpcError } from './json-rpc.ts';
import { JsonSplitter } from './json-splitter.ts';

/** Name of the socket in a data directory. */
export const IPC_FILE = 'peerchart.ipc';

/** For one answer, in ms: longer than the server takes. */
export const ANSWER_TIMEOUT_MS = 35_000;

/** Longest answer, in bytes. Source: go-ethereum rpc/websocket.go. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Notifications that came before the answer to a call; further ones are dropped. Ours. */
const MAX_EARLY = 1_024;

export type RpcClientOptions = {
  readonly clock: Clock;
  /** Closes the connection. */
  readonly signal?: AbortSignal;
};

export class RpcClient {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #texts: AsyncGenerator<string>;
  readonly #early: RpcMessage[] = [];
  #lastId = 0;

  private constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.#texts = textsOf(socket);
  }

  /** @throws {RpcClientError} Nothing listens there, or we may not connect. */
  static open(path: string, { clock, signal }: RpcClientOptions): Promise<RpcClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      const close = (): void => void socket.destroy();
      signal?.addEventListener('abort', close, { once: true });
      socket.once('close', () => signal?.removeEventListener('abort', close));
      if (signal?.aborted) close();
      socket.once('connect', () => resolve(new RpcClient(socket, clock)));
      socket.on('error', ({ code, message }: NodeJS.ErrnoException) =>
        reject(new RpcClientError(CONNECT_FAILURES.get(code ?? '') ?? message)),
      );
      socket.once('close', () => reject(new RpcClientError('the connection was closed')));
    });
  }

  /**
   * One at a time.
   * @returns The result, which is JSON of the node. @throws {RpcClientError} It answered with an error, or not at all.
   */
  async call(method: string, params: readonly unknown[] = []): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const late = new Deadline(this.#clock, ANSWER_TIMEOUT_MS, () => this.close());
    late.arm();
    try {
      for (;;) {
        const message = await this.#next();
        if (!message) throw new RpcClientError('the connection ended before the answer');
        if (message.id !== id && message.error === undefined) this.#keep(message);
        else if (message.error === undefined) return message.result;
        else throw new RpcClientError(message.error.message, message.error.code);
      }
    } finally {
      late.disarm();
    }
  }

  /** What the subscription with this id sends, until the connection ends. Not beside a call. */
  async *notifications(id: unknown): AsyncGenerator<unknown> {
    for (;;) {
      const message = this.#early.shift() ?? (await this.#next());
      if (!message) return;
      const { subscription, result } = message.params ?? {};
      if (subscription === id) yield result;
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #keep(message: RpcMessage): void {
    if (this.#early.length < MAX_EARLY) this.#early.push(message);
  }

  /** Null at the end of the connection. @throws {RpcClientError} It sent what is no message. */
  async #next(): Promise<RpcMessage | null> {
    try {
      const { value, done } = await this.#texts.next();
      return done ? null : (JSON.parse(value) as RpcMessage);
    } catch (error) {
      if (error instanceof RpcError || error instanceof SyntaxError)
        throw new RpcClientError(`the answer cannot be read: ${error.message}`);
      return null; // it broke
    }
  }
}

type RpcMessage = {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
  readonly params?: { readonly subscription?: unknown; readonly result?: unknown };
};

async function* textsOf(socket: Socket): AsyncGenerator<string> {
  const splitter = new JsonSplitter(MAX_ANSWER_BYTES);
  for await (const chunk of socket) yield* splitter.push(chunk as Buffer);
}

const CONNECT_FAILURES: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no node runs with this data directory, or it has no admin API'],
  ['ECONNREFUSED', 'the node that made this socket does not run any more'],
  ['EACCES', 'only the user of the node may connect to it'],
  ['ENOTSOCK', 'this is no socket'],
]);

/** A call that gave no result. */
export class RpcClientError extends Error {
  override readonly name = 'RpcClientError';
  /** Of the answer; null without one. */
  readonly code: number | null;

  constructor(message: string, code: number | null = null) {
    super(message);
    this.code = code;
  }
}
