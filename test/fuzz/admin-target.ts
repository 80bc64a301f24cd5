/** Requests of clients of the admin API: a stream of bytes that arrives in parts, and the answers of a service. */
import { errorText, type RpcError } from '../../src/admin/json-rpc.ts';
import { JsonSplitter } from '../../src/admin/json-splitter.ts';
import { type RpcMethod, RpcService, type RpcSubscriber } from '../../src/admin/rpc-service.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { demand, type Target, textBytes } from './target.ts';

const METHODS: ReadonlyMap<string, RpcMethod> = new Map([
  ['admin_peers', { params: [0, 0], run: () => [] }],
  ['admin_addPeer', { params: [1, 1], run: (node?: string) => node }],
  ['peerchart_why', { params: [0, 1], run: (node?: string) => ({ node }) }],
]);

const SUBSCRIBER: RpcSubscriber = { subscribe: () => '0x1', unsubscribe: (id) => id === '0x1' };

const call = (method: string, params: unknown = []): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });

/** The first byte is the size of the parts, less one. */
export const admin: Target = {
  name: 'admin',
  maxBytes: 600,
  words: [
    ...['"jsonrpc":"2.0"', '"id":', '"method":"admin_peers"', '"params":[', '{', '}', '[', ']'],
    ...['\\"', '\\', '"', 'null', '1e999', '__proto__', 'admin_subscribe', '[[[[[[[[', '\n'],
  ].map(textBytes),
  seeds: () =>
    [
      `~${call('admin_peers')}\n${call('admin_addPeer', ['enode://'])}`,
      `\u0007[${call('peerchart_why', ['a'])},${call('admin_subscribe', ['peerEvents'])},7]`,
      `\u0000${call('rpc_modules')}{"jsonrpc":"2.0","method":"admin_peers"}`,
    ].map(textBytes),
  async run(input) {
    const size = (input[0] ?? 0) + 1;
    const faults: unknown[] = [];
    const service = new RpcService({
      methods: METHODS,
      subscriptions: new Map([['admin_peerEvents', () => () => {}]]),
      namespaces: null,
      clock: systemClock,
      onFault: (error) => void faults.push(error),
    });
    const splitter = new JsonSplitter();
    const answers: string[] = [];
    try {
      for (let at = 1; at < input.length; at += size)
        for (const text of splitter.push(input.subarray(at, at + size))) {
          demand(/^[[{].*[\]}]$/s.test(text), 'a text is an object or an array');
          const { text: answer } = await service.answer(text, SUBSCRIBER);
          if (answer !== null) answers.push(answer);
        }
      splitter.end();
    } catch (error) {
      answers.push(errorText(null, error as RpcError));
    }
    demand(faults.length === 0, 'no request is an internal error');
    for (const answer of answers)
      for (const { jsonrpc, result, error } of [JSON.parse(answer)].flat()) {
        demand(jsonrpc === '2.0', 'an answer has a version');
        demand((result === undefined) !== (error === undefined), 'a result or an error');
        demand(error === undefined || Number.isInteger(error.code), 'an error has a code');
      }
    return answers;
  },
};
