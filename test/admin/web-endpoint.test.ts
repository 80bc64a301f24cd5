import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { MAX_REQUEST_BYTES } from '../../src/admin/json-splitter.ts';
import { MAX_UNREAD_BYTES, RpcConnection } from '../../src/admin/rpc-connection.ts';
import { type RpcMethod, RpcService } from '../../src/admin/rpc-service.ts';
import { openWebEndpoint } from '../../src/admin/web-endpoint.ts';
import { LOOPBACK } from '../support/loopback.ts';
import { StepClock } from '../support/step-clock.ts';

type Offered = { readonly http?: boolean; readonly ws?: boolean };

async function someEndpoint({ http = true, ws = true }: Offered = {}) {
  const clock = new StepClock();
  let notify: (result: unknown) => void = () => {};
  const service = new RpcService({
    methods: new Map<string, RpcMethod>([
      ['a_echo', { params: [1, 1], run: (text) => text }],
      ['a_big', { params: [0, 0], run: () => 'x'.repeat(MAX_REQUEST_BYTES) }],
    ]),
    subscriptions: new Map([
      [
        'a_things',
        (given) => {
          notify = given;
          return () => {};
        },
      ],
    ]),
    namespaces: null,
    clock,
    onFault: (error) => expect.unreachable(String(error)),
  });
  const served: Promise<void>[] = [];
  let slow = 0;
  const endpoint = await openWebEndpoint({
    ...{ host: LOOPBACK, port: 0, clock, http: http ? service : null },
    serve: ws
      ? (stream) => {
          const random = (bytes: number) => new Uint8Array(bytes).fill(1);
          const onSlow = (): void => {
            slow += 1;
          };
          served.push(new RpcConnection(stream, { service, clock, random, onSlow }).serve());
        }
      : null,
  });
  onTestFinished(() => endpoint.close());
  const { port } = endpoint.at;
  const open = (options: object = {}, path = '/'): WebSocket => {
    const socket = new WebSocket(`ws://${LOOPBACK}:${port}${path}`, options);
    onTestFinished(() => socket.terminate());
    return socket.on('error', () => {});
  };
  return {
    ...{ endpoint, port, served, open, isSlow: () => slow },
    notify: (r: unknown) => notify(r),
  };
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

const echo = (text: string, id = 1): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'a_echo', params: [text] });

/** With headers that `fetch` would not send. */
async function post(
  port: number,
  body: string,
  headers: Readonly<Record<string, string>> = JSON_TYPE,
  { path = '/', method = 'POST' } = {},
): Promise<{ status: number | undefined; body: string }> {
  const asked = request({ host: LOOPBACK, port, method, path, headers });
  asked.on('error', () => {}).end(body);
  const [answer] = await once(asked, 'response');
  let text = '';
  for await (const part of answer.setEncoding('utf8')) text += part;
  return { status: answer.statusCode, body: text };
}

/** Status of the response; 101 when the client is connected. */
const statusOf = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => {
    socket.once('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0));
    socket.once('open', () => resolve(101));
  });

describe('HTTP', () => {
  test('answers calls and batches', async () => {
    const { port } = await someEndpoint();
    expect(await post(port, echo('é'))).toEqual({
      status: 200,
      body: '{"jsonrpc":"2.0","id":1,"result":"é"}',
    });
    const { body } = await post(port, `[${echo('a')},${echo('b', 2)}]`);
    expect(JSON.parse(body)).toMatchObject([{ result: 'a' }, { id: 2, result: 'b' }]);
  });

  test.for(['', '{', '7', '{}{}'])(
    'answers what is no request with an error: %j',
    async (text, { expect }) => {
      const { port } = await someEndpoint();
      const { status, body } = await post(port, text);
      expect([status, JSON.parse(body).error.code]).toEqual([200, -32_700]);
    },
  );

  test('has no subscriptions', async () => {
    const { port } = await someEndpoint();
    const ask = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'a_subscribe',
      params: ['things'],
    });
    expect(JSON.parse((await post(port, ask)).body)).toMatchObject({
      error: { code: -32_601, message: 'notifications not supported' },
    });
  });

  test('has nothing to say to a notification', async () => {
    const { port } = await someEndpoint();
    const note = JSON.stringify({ jsonrpc: '2.0', method: 'a_echo', params: ['x'] });
    expect(await post(port, note)).toEqual({ status: 200, body: '' });
  });

  test('refuses a body that is too long', async () => {
    const { port } = await someEndpoint();
    const fits = echo('x'.repeat(MAX_REQUEST_BYTES - echo('').length));
    expect((await post(port, fits)).status).toBe(200);
    expect((await post(port, `${fits} `)).status).toBe(413);
  });

  test.for<[string, Record<string, string>, object, number]>([
    ['of another host', { ...JSON_TYPE, Host: 'evil.example' }, {}, 421],
    ['of a page of another origin', { ...JSON_TYPE, Origin: 'http://evil.example' }, {}, 403],
    ['of a page, as the browser says', { ...JSON_TYPE, 'Sec-Fetch-Site': 'cross-site' }, {}, 403],
    ['that a form could send', { 'Content-Type': 'text/plain' }, {}, 415],
    ['without a type', {}, {}, 415],
    ['to another path', JSON_TYPE, { path: '/admin' }, 405],
    ['that asks for leave', { Origin: 'http://evil.example' }, { method: 'OPTIONS' }, 403],
    ['that only reads', {}, { method: 'GET' }, 405],
    ['that only reads another path', {}, { method: 'GET', path: '/x' }, 404],
  ])('refuses a request %s', async ([, headers, where, status], { expect }) => {
    const { port } = await someEndpoint();
    expect((await post(port, echo('x'), headers, where)).status).toBe(status);
  });

  test('is not there when only WebSocket is', async () => {
    const { port } = await someEndpoint({ http: false });
    expect((await post(port, echo('x'))).status).toBe(405);
    expect((await post(port, '', {}, { method: 'GET' })).status).toBe(404);
  });
});

describe('WebSocket', () => {
  test('answers in text, and carries subscriptions', async () => {
    const some = await someEndpoint();
    const socket = some.open();
    await once(socket, 'open');
    socket.send(echo('a'));
    const [answer, isBinary] = await once(socket, 'message');
    expect([JSON.parse(String(answer)).result, isBinary]).toEqual(['a', false]);
    socket.send(
      Buffer.from(
        JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'a_subscribe', params: ['things'] }),
      ),
    );
    const { result } = JSON.parse(String((await once(socket, 'message'))[0]));
    await new Promise(setImmediate);
    some.notify('new');
    expect(JSON.parse(String((await once(socket, 'message'))[0])).params).toEqual({
      subscription: result,
      result: 'new',
    });
    socket.close();
    await some.served[0];
  });

  test.for(['{', '7', '{}{}', ''])(
    'ends after what is no request: %j',
    async (text, { expect }) => {
      const { open, served } = await someEndpoint();
      const socket = open();
      await once(socket, 'open');
      const answer = once(socket, 'message');
      socket.send(text);
      expect(JSON.parse(String((await answer)[0])).error.code).toBe(-32_700);
      await served[0];
    },
  );

  test('ends for a message that is too long, before it has come', async () => {
    const { open, served } = await someEndpoint();
    const socket = open();
    await once(socket, 'open');
    socket.send(Buffer.alloc(MAX_REQUEST_BYTES + 1, ' '));
    expect((await once(socket, 'close'))[0]).toBe(1009);
    await served[0];
  });

  test.for<[string, object, number]>([
    ['of another host', { headers: { Host: 'evil.example' } }, 421],
    ['of a page of another origin', { origin: 'http://evil.example' }, 403],
    ['of a page, as the browser says', { headers: { 'Sec-Fetch-Site': 'cross-site' } }, 403],
  ])('refuses a client %s', async ([, options, status], { expect }) => {
    const { open, served } = await someEndpoint();
    expect(await statusOf(open(options))).toBe(status);
    expect(served).toEqual([]);
  });

  test('is at one path, and only when it is wanted', async () => {
    expect(await statusOf((await someEndpoint()).open({}, '/other'))).toBe(404);
    expect(await statusOf((await someEndpoint({ ws: false })).open())).toBe(405);
  });

  test('answers pings of a client that reads', async () => {
    const { open } = await someEndpoint();
    const socket = open();
    await once(socket, 'open');
    socket.ping('there?');
    expect(String((await once(socket, 'pong'))[0])).toBe('there?');
  });

  test('reads no further from a client that does not read', async () => {
    const some = await someEndpoint();
    const socket = some.open();
    await once(socket, 'open');
    socket.send(
      JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'a_subscribe', params: ['things'] }),
    );
    await once(socket, 'message');
    await new Promise(setImmediate);
    socket.pause();
    for (let sent = 0; sent < 200 && some.isSlow() === 0; sent += 1) {
      some.notify('x'.repeat(MAX_UNREAD_BYTES / 4));
      await new Promise(setImmediate);
    }
    expect(some.isSlow()).toBe(1);
    await some.served[0];
  });
});

test('closing ends every connection', async () => {
  const { endpoint, open, port } = await someEndpoint();
  const socket = open();
  await once(socket, 'open');
  await Promise.all([endpoint.close(), once(socket, 'close')]);
  await expect(post(port, echo('x'))).rejects.toThrow();
});
