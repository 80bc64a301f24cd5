import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  errorText,
  MAX_BATCH_CALLS,
  notificationText,
  RpcError,
  readRequests,
  resultText,
} from '../../src/admin/json-rpc.ts';

const call = (extra: object): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'net_version', ...extra });

const only = (text: string) => readRequests(text).requests[0]!;

describe('a request', () => {
  test('is a method, its parameters and an id', () => {
    expect(readRequests(call({ params: ['a', 1] }))).toEqual({
      isBatch: false,
      requests: [{ type: 'call', id: 1, method: 'net_version', params: ['a', 1] }],
    });
  });

  test.for([undefined, null, []])('has no parameters with %j', (params, { expect }) => {
    expect(only(call({ params }))).toMatchObject({ type: 'call', params: [] });
  });

  test.for(['abc', '', 0, -7, 1.5, true, null])('may have the id %j', (id, { expect }) => {
    expect(only(call({ id }))).toMatchObject({ type: 'call', id });
  });

  test('without an id is a notification', () => {
    expect(only(call({ id: undefined }))).toMatchObject({ type: 'call', id: undefined });
  });

  test.for<[string, string, unknown]>([
    ['of another version', call({ jsonrpc: '1.0' }), 1],
    ['without a version', call({ jsonrpc: undefined }), 1],
    ['without a method', call({ method: undefined }), 1],
    ['whose method is no text', call({ method: 7 }), 1],
    ['whose method has no name', call({ method: '' }), 1],
    ['whose method has a long name', call({ method: 'x'.repeat(2_049) }), 1],
    ['whose id is an object', call({ id: {} }), null],
    ['whose id would be rounded', call({}).replace('"id":1', '"id":9007199254740993'), null],
    ['whose id is too large for a number', call({}).replace('"id":1', '"id":1e999'), null],
    ['that is a number', '7', null],
    ['that is null', 'null', null],
    ['with everything in __proto__', `{"__proto__":${call({})}}`, null],
  ])('%s is invalid', ([, text, id], { expect }) => {
    expect(only(text)).toMatchObject({ type: 'invalid', id, error: { code: -32_600 } });
  });

  test.for(['text', 7, { a: 1 }])('takes no parameters by name: %j', (params, { expect }) => {
    expect(only(call({ params }))).toMatchObject({
      type: 'invalid',
      id: 1,
      error: { code: -32_602 },
    });
  });

  test.for(['', '{', '{"a":}', 'nul', '\u0000'])('is no JSON: %j', (text, { expect }) => {
    expect(() => readRequests(text)).toThrow(expect.objectContaining({ code: -32_700 }));
  });
});

describe('a batch', () => {
  test('has one request for each item, also for those that are invalid', () => {
    const { isBatch, requests } = readRequests(`[${call({})},7,${call({ id: 2 })}]`);
    expect(isBatch).toBe(true);
    expect(requests.map(({ type, id }) => [type, id])).toEqual([
      ['call', 1],
      ['invalid', null],
      ['call', 2],
    ]);
  });

  test('without an item is refused', () => {
    expect(() => readRequests('[]')).toThrow(expect.objectContaining({ code: -32_600 }));
  });

  test('with too many items is refused with the id of the first call', () => {
    const items = Array.from({ length: MAX_BATCH_CALLS + 1 }, (_, id) => call({ id: id + 5 }));
    expect(readRequests(`[${items.slice(1).join()}]`).requests).toHaveLength(MAX_BATCH_CALLS);
    expect(readRequests(`[7,${items.slice(1).join()}]`)).toMatchObject({
      isBatch: true,
      requests: [{ type: 'invalid', id: 6, error: { code: -32_600 } }],
    });
  });
});

describe('an answer', () => {
  test('has the id and the result', () => {
    expect(resultText('a', { b: [1] })).toBe('{"jsonrpc":"2.0","id":"a","result":{"b":[1]}}');
  });

  test('without a result has null', () => {
    expect(resultText(1, undefined)).toBe('{"jsonrpc":"2.0","id":1,"result":null}');
  });

  test('to a call that failed has the code and the message', () => {
    expect(errorText(null, new RpcError('failed', 'why'))).toBe(
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"why"}}',
    );
  });

  test('is made for each notification with the id of its subscription', () => {
    expect(JSON.parse(notificationText('admin', '0x1', { type: 'add' }))).toEqual({
      jsonrpc: '2.0',
      method: 'admin_subscription',
      params: { subscription: '0x1', result: { type: 'add' } },
    });
  });
});

test('every JSON value is read as requests or refused with an error of JSON-RPC', () => {
  const member = fc.oneof(fc.jsonValue(), fc.constantFrom('2.0', 1, 'net_version', []));
  const message = fc.record(
    { jsonrpc: member, id: member, method: member, params: member },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(message, fc.array(message), fc.jsonValue()), (value) => {
      try {
        for (const request of readRequests(JSON.stringify(value)).requests)
          if (request.type === 'call') {
            expect(typeof request.method).toBe('string');
            expect(Array.isArray(request.params)).toBe(true);
          } else JSON.parse(errorText(request.id, request.error));
      } catch (error) {
        expect(error).toBeInstanceOf(RpcError);
      }
    }),
  );
});

test('every text is read or refused with an error of JSON-RPC', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        readRequests(text);
      } catch (error) {
        expect(error).toBeInstanceOf(RpcError);
      }
    }),
  );
});
