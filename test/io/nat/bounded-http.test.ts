import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';

import { boundedRequest, HTTP_LIMIT_MS, MAX_BODY_BYTES } from '../../../src/io/nat/bounded-http.ts';
import { fakeIgd } from '../../support/fake-igd.ts';
import { freePort } from '../../support/loopback.ts';
import { limitClock, NEVER } from '../../support/nat-surroundings.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function get(answer: Answer, signal = NEVER) {
  const clock = limitClock();
  const server = await fakeIgd({
    answer: (request, response) => {
      answer(request, response);
      return true;
    },
  });
  const url = new URL(`http://127.0.0.1:${server.port}/x`);
  return { clock, server, response: boundedRequest({ url, method: 'GET' }, clock, signal) };
}

test('an answer has its status, its body and our address', async () => {
  const { clock, response } = await get((_, answer) => {
    answer.statusCode = 404;
    answer.end('no');
  });
  expect(await response).toEqual({ status: 404, body: 'no', localHost: '127.0.0.1' });
  expect(clock.pending).toBe(0);
});

test('a redirection is not followed', async () => {
  const { server, response } = await get((_, answer) => {
    answer.writeHead(302, { location: '/elsewhere' }).end();
  });
  expect(await response).toMatchObject({ status: 302, body: '' });
  expect(server.requests).toEqual(['/x']);
});

test('a body of 64 KiB is read, and one that is longer is not', async () => {
  const whole = await get((_, answer) => void answer.end('a'.repeat(MAX_BODY_BYTES)));
  expect((await whole.response).body).toHaveLength(MAX_BODY_BYTES);
  const long = await get((_, answer) => void answer.end('a'.repeat(MAX_BODY_BYTES + 1)));
  await expect(long.response).rejects.toThrow('the answer has more than 65536 bytes');
});

describe('an answer that is slow', () => {
  test.for<readonly [string, Answer]>([
    ['to begin', () => {}],
    ['to end', (_, answer) => void answer.write('a')],
  ])('%s is waited for 3 s', async ([, answer]) => {
    const { clock, server, response } = await get(answer);
    await server.requested(1);
    const failure = response.catch((error: Error) => error.message);
    clock.advance(HTTP_LIMIT_MS);
    expect(await failure).toBe('no whole answer within 3 s');
  });
});

test('an answer that is cut off, or no HTTP, is an error', async () => {
  const cut = await get((_, answer) => {
    answer.writeHead(200, { 'content-length': '9' }).write('a');
    setImmediate(() => answer.destroy());
  });
  await expect(cut.response).rejects.toThrow(/aborted|cut off|hang up/);
  const strange = await get(({ socket }) => void socket.end('hello\r\n'));
  await expect(strange.response).rejects.toThrow(/Parse Error/);
});

test('a device that is not there, and a cancelled request, are errors', async () => {
  const url = new URL(`http://127.0.0.1:${await freePort()}/`);
  await expect(boundedRequest({ url, method: 'GET' }, limitClock(), NEVER)).rejects.toThrow(
    'ECONNREFUSED',
  );
  await expect(
    boundedRequest({ url, method: 'GET' }, limitClock(), AbortSignal.abort()),
  ).rejects.toThrow('cancelled');
  const cancelled = new AbortController();
  const { server, response } = await get(() => {}, cancelled.signal);
  const failure = response.catch((error: Error) => error.message);
  await server.requested(1);
  cancelled.abort();
  expect(await failure).toBe('cancelled');
});
