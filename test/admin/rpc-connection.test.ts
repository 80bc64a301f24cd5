import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RpcError } from '../../src/admin/json-rpc.ts';
import {
  MAX_SUBSCRIPTIONS,
  MAX_UNREAD_BYTES,
  RpcConnection,
  WRITE_TIMEOUT_MS,
} from '../../src/admin/rpc-connection.ts';
import { type RpcMethod, RpcService } from '../../src/admin/rpc-service.ts';
import { StepClock } from '../support/step-clock.ts';

type Notify = (result: unknown) => void;

/** A client whose requests are yielded by hand. `received` has what it read, which is all unless it `stalls`. */
function someClient({ stalls = false }: { readonly stalls?: boolean } = {}) {
  const clock = new StepClock();
  const notifiers: Notify[] = [];
  const ended: Notify[] = [];
  const release: (() => void)[] = [];
  const service = new RpcService({
    methods: new Map<string, RpcMethod>([
      ['a_echo', { params: [1, 1], run: (text) => text }],
      ['a_slow', { params: [0, 0], run: () => new Promise<void>((done) => release.push(done)) }],
    ]),
    subscriptions: new Map([
      [
        'a_things',
        (notify) => {
          notifiers.push(notify);
          return () => void ended.push(notify);
        },
      ],
    ]),
    namespaces: null,
    clock,
    onFault: (error) => expect.unreachable(String(error)),
  });
  const stream = new PassThrough({ highWaterMark: 1 });
  onTestFinished(() => void stream.destroy());
  const received: unknown[] = [];
  if (!stalls) stream.setEncoding('utf8').on('data', (text) => received.push(JSON.parse(text)));
  const requests = new PassThrough({ objectMode: true });
  let slow = 0;
  const connection = new RpcConnection(
    { stream, texts: requests, separator: '\n' },
    {
      service,
      clock,
      random: (bytes) => new Uint8Array(bytes).fill(0xab),
      onSlow: () => {
        slow += 1;
      },
    },
  );
  let ids = 0;
  const ask = (method: string, ...params: readonly unknown[]): void => {
    ids += 1;
    requests.write(JSON.stringify({ jsonrpc: '2.0', id: ids, method, params }));
  };
  const served = connection.serve();
  return {
    ...{ stream, requests, received, notifiers, ended, release, clock, ask, served },
    isSlow: () => slow,
    /** Until so many texts were received. */
    until: async (count: number) => {
      while (received.length < count) await once(stream, 'data');
    },
  };
}

const ID = `0x${'ab'.repeat(16)}`;

test('requests are answered in their order, each when the one before is', async () => {
  const { ask, release, received, requests, until, served } = someClient();
  ask('a_slow');
  ask('a_echo', 'x');
  await new Promise(setImmediate);
  expect([release.length, received]).toEqual([1, []]);
  release[0]!();
  await until(2);
  expect(received).toEqual([
    { jsonrpc: '2.0', id: 1, result: null },
    { jsonrpc: '2.0', id: 2, result: 'x' },
  ]);
  requests.end();
  await served;
});

describe('a subscription', () => {
  test('sends after its answer, and ends when it is asked to', async () => {
    const { ask, received, notifiers, ended, until } = someClient();
    ask('a_subscribe', 'things');
    await until(1);
    await new Promise(setImmediate);
    notifiers[0]!('one');
    await until(2);
    ask('a_unsubscribe', ID);
    await until(3);
    expect(received).toEqual([
      { jsonrpc: '2.0', id: 1, result: ID },
      { jsonrpc: '2.0', method: 'a_subscription', params: { subscription: ID, result: 'one' } },
      { jsonrpc: '2.0', id: 2, result: true },
    ]);
    expect(ended).toEqual(notifiers);
  });

  test('ends with the connection', async () => {
    const { ask, stream, notifiers, ended, until } = someClient();
    ask('a_subscribe', 'things');
    await until(1);
    await new Promise(setImmediate);
    stream.destroy();
    await once(stream, 'close');
    expect(ended).toEqual(notifiers);
    expect(() => notifiers[0]!('late')).not.toThrow();
  });

  test('that was asked for by a client that has gone never begins', async () => {
    const { ask, stream, requests, notifiers, release, served } = someClient();
    ask('a_slow');
    await new Promise(setImmediate);
    ask('a_subscribe', 'things');
    stream.destroy();
    release[0]!();
    requests.end();
    await served;
    expect(notifiers).toEqual([]);
  });
});

test('a client has a number of subscriptions', () => {
  const stream = new PassThrough();
  let ids = 0;
  const connection = new RpcConnection(
    { stream, texts: new PassThrough(), separator: '' },
    {
      service: null as never,
      clock: new StepClock(),
      random: (bytes) => {
        ids += 1;
        return new Uint8Array(bytes).fill(ids);
      },
      onSlow: () => {},
    },
  );
  const subscribe = () => connection.subscribe('a', () => () => {});
  const all = new Set(Array.from({ length: MAX_SUBSCRIPTIONS }, subscribe));
  expect(all.size).toBe(MAX_SUBSCRIPTIONS);
  expect(subscribe).toThrow(RpcError);
  expect(connection.unsubscribe([...all][0]!)).toBe(true);
  expect(subscribe).not.toThrow();
});

describe('a client that does not read', () => {
  test('is disconnected when too many notifications wait for it', async () => {
    const { ask, stream, notifiers, ended, isSlow } = someClient({ stalls: true });
    ask('a_subscribe', 'things');
    await once(stream, 'readable');
    stream.read(); // the answer, and then nothing
    await new Promise(setImmediate);
    const half = 'x'.repeat(MAX_UNREAD_BYTES / 2);
    notifiers[0]!(half);
    expect([stream.destroyed, isSlow()]).toEqual([false, 0]);
    notifiers[0]!(half);
    expect([stream.destroyed, isSlow(), ended]).toEqual([true, 1, notifiers]);
    notifiers[0]!(half);
    expect(isSlow()).toBe(1);
  });

  test('is disconnected when it does not take an answer in time', async () => {
    const { ask, stream, clock, isSlow, served } = someClient({ stalls: true });
    ask('a_echo', 'x'.repeat(1000));
    ask('a_echo', 'y'.repeat(1000));
    await new Promise(setImmediate);
    clock.advance(WRITE_TIMEOUT_MS - 1);
    expect(stream.destroyed).toBe(false);
    clock.advance(1);
    expect([stream.destroyed, isSlow()]).toEqual([true, 1]);
    await served;
    expect(clock.pending).toBe(0);
  });

  test('may read late: what it has read counts no more', async () => {
    const { ask, stream, notifiers, received, until } = someClient();
    ask('a_subscribe', 'things');
    await until(1);
    await new Promise(setImmediate);
    const third = 'x'.repeat(MAX_UNREAD_BYTES / 3);
    for (let sent = 0; sent < 6; sent += 1) {
      notifiers[0]!(third);
      await until(sent + 2);
      await new Promise(setImmediate);
    }
    expect([stream.destroyed, received.length]).toEqual([false, 7]);
  });
});

describe('a connection ends', () => {
  test('after an answer to what is no JSON', async () => {
    const { requests, received, stream, served } = someClient();
    requests.write('{');
    await served;
    expect(received).toMatchObject([{ id: null, error: { code: -32_700 } }]);
    expect(stream.destroyed).toBe(true);
  });

  test('after an answer to a stream that cannot be cut into texts', async () => {
    const { requests, received, served } = someClient();
    requests.destroy(new RpcError('unreadable', 'not like this'));
    await served;
    expect(received).toMatchObject([{ error: { code: -32_700, message: 'not like this' } }]);
  });

  test('without an answer when it broke', async () => {
    const { requests, received, stream, served } = someClient();
    requests.destroy(new Error('ECONNRESET'));
    await served;
    expect([received, stream.destroyed]).toEqual([[], true]);
  });
});
