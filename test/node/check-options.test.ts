import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { checkNodeOptions, MAX_SERVICES } from '../../src/node/check-options.ts';

const check = (options: unknown) => () => checkNodeOptions(options as never);

test('completes the options', () => {
  expect(checkNodeOptions({})).toMatchObject({
    datadir: null,
    key: null,
    keyFile: null,
    services: [],
    apis: [],
    allowReadableKey: false,
    server: { name: expect.stringMatching(/^peerchart\/v/) },
  });
  const key = generateNodeKey();
  expect(
    checkNodeOptions({ datadir: 'data', identity: 'mine', server: { nodeKey: key } }),
  ).toMatchObject({
    datadir: resolve('data'),
    key: { id: key.id },
    server: { name: expect.stringMatching(/^peerchart\/mine\/v/) },
  });
  expect(checkNodeOptions({ server: { name: 'other' } }).server.name).toBe('other');
});

test('names every wrong option', () => {
  expect(check(null)).toThrow('"options" expected an object');
  expect(check({ datadir: '', identity: 'a/b' })).toThrow(
    '"datadir" expected a path, got ""; "identity" expected 1 to 64 printable ASCII characters without a slash, got "a/b"',
  );
  expect(check({ datdir: 'x' })).toThrow('"datdir" is not an option; the options are server,');
  expect(check({ services: [1] })).toThrow(
    '"services" expected a list of at most 100 functions that make a service, got a list of 1',
  );
  expect(check({ services: Array(MAX_SERVICES + 1).fill(() => {}) })).toThrow('a list of 101');
  expect(check({ onServer: {} })).toThrow('"onServer" expected a function that takes a server');
  expect(check({ networkId: -1 })).toThrow('"networkId" expected a whole number from 0, got -1');
  expect(check({ server: null })).toThrow('"server" expected an object with server options');
  expect(check({ server: { maxPeers: -1 } })).toThrow('"maxPeers" expected');
  expect(check({ nodeKeyFile: 'k', server: { nodeKey: generateNodeKey() } })).toThrow(
    '"nodeKeyFile" and "server.nodeKey" are two keys; omit one',
  );
});

test('a key of bytes is checked', () => {
  expect(check({ server: { nodeKey: new Uint8Array(32) } })).toThrow(RangeError);
});
