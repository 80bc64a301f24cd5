/**
 * Answers requests of one endpoint: finds the methods that it offers, calls them one after the other, and writes their
 * results. Knows no sockets and no method of its own but `rpc_modules`.
 */
import { ServerError } from '../api/server-error.ts';
import type { Clock } from '../io/process/clock.ts';
import { Deadline } from '../io/process/deadline.ts';
import { errorText, RpcError, type RpcRequest, readRequests, resultText } from './json-rpc.ts';

/** For one call, in ms. Source: go-ethereum rpc/http.go, the time for an answer. */
export const CALL_TIMEOUT_MS = 30_000;

/** Of all answers to one batch, in bytes: beyond it the rest is answered with an error. Ours; go-ethereum: 25 MB. */
export const MAX_BATCH_ANSWER_BYTES = 8 * 1024 * 1024;

/** All parameters of all our methods are text. */
export type RpcMethod = {
  /** How many parameters it needs, and how many it takes. */
  readonly params: readonly [least: number, most: number];
  /** RpcError and ServerError are for the client; anything else is an internal error. */
  readonly run: (...params: string[]) => unknown;
};

/** Begins to call `notify`. @returns Ends it. */
export type RpcSubscription = (notify: (result: unknown) => void) => () => void;

/** By name, such as `admin_peers`, and for subscriptions `admin_peerEvents`. */
export type RpcTable = {
  readonly methods: ReadonlyMap<string, RpcMethod>;
  readonly subscriptions: ReadonlyMap<string, RpcSubscription>;
};

/** The client of a connection that can carry notifications. */
export type RpcSubscriber = {
  /** The subscription begins after the answer. @returns Its id. @throws {RpcError} It has too many. */
  subscribe(namespace: string, begin: RpcSubscription): string;
  /** @returns False for an unknown id. */
  unsubscribe(id: string): boolean;
};

export type RpcServiceOptions = RpcTable & {
  /** Those that are offered; null for all. */
  readonly namespaces: ReadonlySet<string> | null;
  readonly clock: Clock;
  /** Called with internal errors. */
  readonly onFault: (error: unknown) => void;
};

export type RpcAnswer = {
  /** Null when nothing is to be sent: there were notifications only. */
  readonly text: string | null;
  /** Whether the text was no JSON, so that what follows cannot be trusted. */
  readonly isUnreadable: boolean;
};

export class RpcService {
  readonly #options: RpcServiceOptions;

  constructor(options: RpcServiceOptions) {
    this.#options = options;
  }

  /** Never rejects. @param subscriber Null when the transport has no notifications. */
  async answer(text: string, subscriber: RpcSubscriber | null): Promise<RpcAnswer> {
    try {
      const { isBatch, requests } = readRequests(text);
      const answers = await this.#answers(requests, subscriber);
      const joined = isBatch ? `[${answers.join(',')}]` : answers[0]!;
      return { text: answers.length > 0 ? joined : null, isUnreadable: false };
    } catch (error) {
      const unreadable = error as RpcError; // `readRequests` throws nothing else, and `#answers` nothing
      return { text: errorText(null, unreadable), isUnreadable: unreadable.kind === 'unreadable' };
    }
  }

  async #answers(
    requests: readonly RpcRequest[],
    subscriber: RpcSubscriber | null,
  ): Promise<readonly string[]> {
    const answers: string[] = [];
    let size = 0;
    for (const request of requests) {
      const isTooLarge = requests.length > 1 && size > MAX_BATCH_ANSWER_BYTES;
      const answer = isTooLarge ? tooLarge(request) : await this.#answerTo(request, subscriber);
      if (answer === null) continue;
      answers.push(answer);
      size += Buffer.byteLength(answer);
    }
    return answers;
  }

  async #answerTo(request: RpcRequest, subscriber: RpcSubscriber | null): Promise<string | null> {
    if (request.type === 'invalid') return errorText(request.id, request.error);
    const { id } = request;
    try {
      const result = await this.#inTime(this.#call(request, subscriber));
      return id === undefined ? null : resultText(id, result);
    } catch (error) {
      return id === undefined ? null : errorText(id, this.#errorFor(error));
    }
  }

  async #call(
    { method, params }: RpcRequest & { readonly type: 'call' },
    subscriber: RpcSubscriber | null,
  ): Promise<unknown> {
    const { methods, subscriptions } = this.#options;
    const [namespace = ''] = method.split('_', 1);
    if (method === 'rpc_modules') return this.#modules;
    if (!this.#offers(namespace)) throw noSuchMethod(method);
    if (method === `${namespace}_subscribe`) {
      if (!subscriber) throw new RpcError('noSuchMethod', 'notifications not supported');
      const [name] = textsOf(params, [1, 1]) as [string];
      const begin = subscriptions.get(`${namespace}_${name}`);
      if (!begin)
        throw new RpcError('noSuchMethod', `no "${name}" subscription in ${namespace} namespace`);
      return subscriber.subscribe(namespace, begin);
    }
    if (method === `${namespace}_unsubscribe`) {
      const [id] = textsOf(params, [1, 1]) as [string];
      if (subscriber?.unsubscribe(id)) return true;
      throw new RpcError('failed', 'subscription not found');
    }
    const found = methods.get(method);
    if (!found) throw noSuchMethod(method);
    return found.run(...textsOf(params, found.params));
  }

  /** As the console of go-ethereum asks for it. */
  get #modules(): Readonly<Record<string, string>> {
    const { methods } = this.#options;
    const all = ['rpc', ...[...methods.keys()].map((name) => name.split('_', 1)[0]!)];
    const offered = all.filter((name) => name === 'rpc' || this.#offers(name)).sort();
    return Object.fromEntries(offered.map((name) => [name, '1.0']));
  }

  #offers(namespace: string): boolean {
    const { namespaces } = this.#options;
    return namespaces === null || namespaces.has(namespace);
  }

  #inTime<Result>(call: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const due = () => reject(new RpcError('timedOut', 'request timed out'));
      const deadline = new Deadline(this.#options.clock, CALL_TIMEOUT_MS, due);
      deadline.arm();
      call.finally(() => deadline.disarm()).then(resolve, reject);
    });
  }

  #errorFor(error: unknown): RpcError {
    if (error instanceof RpcError) return error;
    if (error instanceof ServerError) return new RpcError('failed', error.message);
    this.#options.onFault(error);
    return new RpcError('internal', 'internal error');
  }
}

const noSuchMethod = (method: string): RpcError =>
  new RpcError('noSuchMethod', `the method ${method} does not exist/is not available`);

/** @throws {RpcError} `invalidParams`. */
function textsOf(
  params: readonly unknown[],
  [least, most]: readonly [least: number, most: number],
): string[] {
  if (params.length > most)
    throw new RpcError('invalidParams', `too many arguments, want at most ${most}`);
  const texts = params.map((param, at) => {
    if (typeof param === 'string') return param;
    throw new RpcError('invalidParams', `invalid argument ${at}: expected a string`);
  });
  if (texts.length < least)
    throw new RpcError('invalidParams', `missing value for required argument ${texts.length}`);
  return texts;
}

const tooLarge = (request: RpcRequest): string | null =>
  request.id === undefined
    ? null
    : errorText(request.id, new RpcError('answerTooLarge', 'response too large'));
