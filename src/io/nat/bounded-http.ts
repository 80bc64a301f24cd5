/** One HTTP request to a device of our network: no redirect, no name, at most 64 KiB, at most 3 s. Ours: what answers in our network is not trusted. */
import { request } from 'node:http';

import type { Clock } from '../process/clock.ts';
import { plainHost } from '../wire/ip-address.ts';

export const MAX_BODY_BYTES = 64 * 1024;

/** Longest request with its answer, in ms. Source: go-ethereum p2p/nat/natupnp.go, `soapRequestTimeout`. */
export const HTTP_LIMIT_MS = 3_000;

export type BoundedRequest = {
  /** Its host is an IP address. */
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type BoundedResponse = {
  readonly status: number;
  readonly body: string;
  /** Our address in the network of the device. */
  readonly localHost: string;
};

/** Rejects with an `Error` that says why. The answer may have any status. */
export function boundedRequest(
  { url, method, headers = {}, body = '' }: BoundedRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<BoundedResponse> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Error('cancelled'));
    const sent = Buffer.from(body);
    const call = request(url, {
      ...{ method, agent: false, insecureHTTPParser: false },
      headers: { ...headers, 'content-length': sent.length, connection: 'close' },
    });
    const fail = (message: string): void => {
      end();
      reject(new Error(message));
    };
    const end = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      call.destroy();
    };
    const onAbort = (): void => fail('cancelled');
    const timer = clock.setTimeout(
      () => fail(`no whole answer within ${HTTP_LIMIT_MS / 1_000} s`),
      HTTP_LIMIT_MS,
    );
    signal.addEventListener('abort', onAbort);
    call.on('error', ({ message }) => fail(message));
    call.on('response', (response) => {
      const localHost = plainHost(response.socket.localAddress ?? '');
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > MAX_BODY_BYTES) fail(`the answer has more than ${MAX_BODY_BYTES} bytes`);
      });
      response.on('error', ({ message }) => fail(message));
      response.on('close', () => {
        if (!response.complete) return fail('the answer was cut off');
        end();
        resolve({
          ...{ status: response.statusCode ?? 0, localHost },
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    call.end(sent);
  });
}
