import { expect, test } from 'vitest';
import { checkAdminOptions } from '../../src/admin/admin-options.ts';

test('without options there is the socket of the data directory', () => {
  expect(checkAdminOptions({})).toEqual({ ipc: undefined, http: null, ws: null });
});

test('HTTP and WebSocket offer net and web3 on the loopback address, unless options say otherwise', () => {
  expect(checkAdminOptions({ ipc: null, http: { port: 0 } })).toEqual({
    ipc: null,
    http: { port: 0, host: '127.0.0.1', apis: ['net', 'web3'] },
    ws: null,
  });
  const ws = { port: 8546, host: '::1', apis: ['admin', 'peerchart'] };
  expect(checkAdminOptions({ ipc: '/a/b', ws })).toEqual({ ipc: '/a/b', http: null, ws });
});

test.for<[unknown, string]>([
  [null, '"options" expected an object, got null'],
  [{ ipc: '' }, '"ipc" expected a path, or null, got ""'],
  [{ http: {} }, '"http.port" is missing'],
  [{ http: { port: 65_536 } }, '"http.port" expected a whole number from 0 to 65535, got 65536'],
  [
    { ws: { port: 1, host: '0.0.0.0' } },
    '"ws.host" expected one of 127.0.0.1, ::1, localhost, got "0.0.0.0"',
  ],
  [
    { http: { port: 1, apis: ['*'] } },
    '"http.apis.0" expected one of admin, debug, net, peerchart, web3, got "*"',
  ],
  [{ http: { port: 1, cors: '*' } }, '"http.cors" is not known'],
  [{ ipc: 1, rpc: 2 }, '"ipc" expected a path, or null, got 1; "rpc" is not known'],
])('%j is refused with a sentence', ([options, message], { expect }) => {
  expect(() => checkAdminOptions(options)).toThrow(new TypeError(message));
});
