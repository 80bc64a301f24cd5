/** The recording that clients of the admin API start and stop, one at a time. What records is given: it is no part of the API. */
import { isAbsolute } from 'node:path';
import type { Server } from '../server.ts';
import { RpcError } from './json-rpc.ts';
import type { RpcMethod } from './rpc-service.ts';

/** The part of a `Recording` of `peerchart/inspect` that is used. */
export type StartedRecording = {
  readonly path: string;
  readonly bytes: number;
  /** Why it ended; null while it is open. */
  readonly why: string | null;
  close(): Promise<void>;
};

/** `record` of `peerchart/inspect`. Rejects when the file cannot be created. */
export type StartRecording = (server: Server, path: string) => Promise<StartedRecording>;

export class Recordings {
  readonly #start: (path: string) => Promise<StartedRecording>;
  #isStarting = false;
  #latest: StartedRecording | null = null;

  constructor(server: Server, start: StartRecording) {
    this.#start = (path) => start(server, path);
  }

  /** @param path Of a new file. @throws {RpcError} `failed`. */
  async start(path: string): Promise<{ readonly path: string }> {
    if (!isAbsolute(path)) throw new RpcError('failed', 'the path of the file has to be absolute');
    if (this.#isStarting || this.#latest?.why === null)
      throw new RpcError('failed', 'a recording is under way');
    this.#isStarting = true;
    try {
      this.#latest = await this.#start(path);
      return { path: this.#latest.path };
    } catch (error) {
      throw new RpcError('failed', (error as Error).message, { cause: error });
    } finally {
      this.#isStarting = false;
    }
  }

  /** Also tells of one that has ended by itself. @throws {RpcError} `failed`. */
  async stop(): Promise<Omit<StartedRecording, 'close'>> {
    const recording = this.#latest;
    if (!recording) throw new RpcError('failed', 'nothing is being recorded');
    this.#latest = null;
    await recording.close();
    const { path, bytes, why } = recording;
    return { path, bytes, why };
  }

  /** For the user of the node only: they write files. */
  get methods(): readonly (readonly [name: string, method: RpcMethod])[] {
    return [
      ['peerchart_startRecording', { params: [1, 1], run: (path) => this.start(path!) }],
      ['peerchart_stopRecording', { params: [0, 0], run: () => this.stop() }],
    ];
  }

  async close(): Promise<void> {
    await this.#latest?.close();
  }
}
