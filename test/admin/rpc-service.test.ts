import { describe, expect, test } from 'vitest';
import { RpcError } from '../../src/admin/json-rpc.ts';
import {
  CALL_TIMEOUT_MS,
  MAX_BATCH_ANSWER_BYTES,
  type RpcMethod,
  RpcService,
  type RpcSubscriber,
} from '../../src/admin/rpc-service.ts';
import { ServerError } from '../../src/api/server-error.ts';
import { StepClock } from '../support/step-clock.ts';

function someService(namespaces: readonly string[] | null = null) {
  const faults: unknown[] = [];
  const calls: string[][] = [];
  const clock = new StepClock();
  const failing = (error: unknown) => ({
    params: [0, 0] as const,
    run: () => {
      throw error;
    },
  });
  const service = new RpcService({
    methods: new Map<string, RpcMethod>([
      ['one_echo', { params: [1, 2], run: (...texts: string[]) => texts.join() }],
      ['one_note', { params: [1, 1], run: (text) => void calls.push([text!]) }],
      ['one_nothing', { params: [0, 0], run: () => undefined }],
      ['two_big', { params: [0, 0], run: () => 'x'.repeat(1024 * 1024) }],
      ['two_never', { params: [0, 0], run: () => new Promise(() => {}) }],
      ['two_later', { params: [0, 0], run: () => Promise.resolve(7) }],
      ['two_refused', failing(new RpcError('failed', 'not like this'))],
      ['two_stopped', failing(new ServerError('notRunning', 'the server does not run'))],
      ['two_broken', failing(new TypeError('a mistake of ours'))],
      ['two_noJson', { params: [0, 0], run: () => 10n }],
    ]),
    subscriptions: new Map([['one_things', () => () => {}]]),
    namespaces: namespaces && new Set(namespaces),
    clock,
    onFault: (error) => void faults.push(error),
  });
  return { service, faults, calls, clock };
}

const SUBSCRIBER: RpcSubscriber = { subscribe: () => '0x1', unsubscribe: (id) => id === '0x1' };

const request = (method: string, params: unknown = [], id: unknown = 1): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

const notification = (method: string, params: unknown = []): string =>
  JSON.stringify({ jsonrpc: '2.0', method, params });

/** The answer to one call: its result, or the error. */
async function ask(
  method: string,
  params: unknown = [],
  { service } = someService(),
  subscriber: RpcSubscriber | null = null,
): Promise<unknown> {
  const { text } = await service.answer(request(method, params), subscriber);
  const { result, error } = JSON.parse(text!);
  return error ?? { result };
}

test.for<[string, unknown[], unknown]>([
  ['one_echo', ['a'], 'a'],
  ['one_echo', ['a', 'b'], 'a,b'],
  ['one_nothing', [], null],
  ['two_later', [], 7],
])('%s with %j has a result', async ([method, params, result], { expect }) => {
  expect(await ask(method, params)).toEqual({ result });
});

test.for<[string, string, unknown, number, string]>([
  [
    'an unknown method',
    'one_other',
    [],
    -32_601,
    'the method one_other does not exist/is not available',
  ],
  [
    'an unknown namespace',
    'three_echo',
    [],
    -32_601,
    'the method three_echo does not exist/is not available',
  ],
  [
    'a method without a namespace',
    'echo',
    [],
    -32_601,
    'the method echo does not exist/is not available',
  ],
  [
    'an inherited name',
    'constructor',
    [],
    -32_601,
    'the method constructor does not exist/is not available',
  ],
  ['too few arguments', 'one_echo', [], -32_602, 'missing value for required argument 0'],
  [
    'too many arguments',
    'one_echo',
    ['a', 'b', 'c'],
    -32_602,
    'too many arguments, want at most 2',
  ],
  [
    'an argument that is no text',
    'one_echo',
    ['a', null],
    -32_602,
    'invalid argument 1: expected a string',
  ],
  ['a refusal', 'two_refused', [], -32_000, 'not like this'],
  ['a server that does not run', 'two_stopped', [], -32_000, 'the server does not run'],
  [
    'a subscription without notifications',
    'one_subscribe',
    ['things'],
    -32_601,
    'notifications not supported',
  ],
])('%s is answered with an error', async ([, method, params, code, message], { expect }) => {
  expect(await ask(method, params)).toEqual({ code, message });
});

test.for(['two_broken', 'two_noJson'])(
  'an internal error is reported, and its message is not sent: %s',
  async (method, { expect }) => {
    const some = someService();
    expect(await ask(method, [], some)).toEqual({ code: -32_603, message: 'internal error' });
    expect(some.faults).toEqual([expect.any(TypeError)]);
  },
);

test('a call without an end is answered in time', async () => {
  const some = someService();
  const answer = ask('two_never', [], some);
  some.clock.advance(CALL_TIMEOUT_MS);
  expect(await answer).toEqual({ code: -32_002, message: 'request timed out' });
  expect(some.clock.pending).toBe(0);
});

test('a notification is carried out and not answered', async () => {
  const { service, calls } = someService();
  expect(await service.answer(notification('one_note', ['a']), null)).toEqual({
    text: null,
    isUnreadable: false,
  });
  expect(await service.answer(`[${notification('one_note', ['b'])}]`, null)).toMatchObject({
    text: null,
  });
  expect(await service.answer(notification('two_refused', []), null)).toMatchObject({
    text: null,
  });
  expect(calls).toEqual([['a'], ['b']]);
});

test('what is no JSON is answered, and said to be so', async () => {
  const { service } = someService();
  const { text, isUnreadable } = await service.answer('{"jsonrpc"', null);
  expect(isUnreadable).toBe(true);
  expect(JSON.parse(text!)).toMatchObject({ id: null, error: { code: -32_700 } });
  expect(await service.answer('[]', null)).toMatchObject({ isUnreadable: false });
});

describe('a batch', () => {
  test('is answered in its order, without answers to notifications', async () => {
    const { service } = someService();
    const batch = [
      request('one_echo', ['a'], 5),
      notification('one_echo', ['b']),
      '7',
      request('one_other', [], 6),
    ];
    const { text } = await service.answer(`[${batch.join()}]`, null);
    expect(JSON.parse(text!)).toMatchObject([
      { id: 5, result: 'a' },
      { id: null, error: { code: -32_600 } },
      { id: 6, error: { code: -32_601 } },
    ]);
  });

  test('has a limit for its answer', async () => {
    const { service } = someService();
    const calls = MAX_BATCH_ANSWER_BYTES / (1024 * 1024) + 3;
    const batch = Array.from({ length: calls }, (_, id) => request('two_big', [], id));
    const { text } = await service.answer(`[${batch.join()},${notification('two_big')}]`, null);
    const answers: { result?: string; error?: object }[] = JSON.parse(text!);
    expect(answers.map(({ result }) => result !== undefined)).toEqual(
      batch.map((_, at) => at < calls - 3),
    );
    expect(answers.at(-1)).toEqual({
      jsonrpc: '2.0',
      id: calls - 1,
      error: { code: -32_003, message: 'response too large' },
    });
  });
});

describe('subscriptions', () => {
  const subscribed = (method: string, params: unknown) =>
    ask(method, params, someService(), SUBSCRIBER);

  test('begin and end with an id', async () => {
    expect(await subscribed('one_subscribe', ['things'])).toEqual({ result: '0x1' });
    expect(await subscribed('one_unsubscribe', ['0x1'])).toEqual({ result: true });
  });

  test.for<[string, unknown[], number, string]>([
    ['one_subscribe', ['others'], -32_601, 'no "others" subscription in one namespace'],
    ['two_subscribe', ['things'], -32_601, 'no "things" subscription in two namespace'],
    ['one_subscribe', [], -32_602, 'missing value for required argument 0'],
    ['one_unsubscribe', ['0x2'], -32_000, 'subscription not found'],
  ])('fail with a reason: %s %j', async ([method, params, code, message], { expect }) => {
    expect(await subscribed(method, params)).toEqual({ code, message });
  });
});

describe('an endpoint', () => {
  test('names the namespaces that it offers', async () => {
    const all = { one: '1.0', rpc: '1.0', two: '1.0' };
    expect(await ask('rpc_modules')).toEqual({ result: all });
    expect(await ask('rpc_modules', [], someService(['one']))).toEqual({
      result: { one: '1.0', rpc: '1.0' },
    });
  });

  test('has no method of the others', async () => {
    const some = someService(['one']);
    expect(await ask('one_echo', ['a'], some)).toEqual({ result: 'a' });
    expect(await ask('two_later', [], some)).toMatchObject({ code: -32_601 });
    expect(await ask('two_subscribe', ['things'], some, SUBSCRIBER)).toMatchObject({
      code: -32_601,
      message: 'the method two_subscribe does not exist/is not available',
    });
  });
});
