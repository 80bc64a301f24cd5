import { describe, expect, test } from 'vitest';

import { checkInspectOptions, isLoopback } from '../../src/inspect/inspector-options.ts';

test('the defaults are loopback, a free port and no actions', () => {
  expect(checkInspectOptions({})).toEqual({
    port: 0,
    host: '127.0.0.1',
    hostNames: [],
    actions: false,
    mask: false,
  });
});

test('given options are used', () => {
  const options = {
    port: 65_535,
    host: '::1',
    hostNames: ['node.example', 'a-b'],
    actions: true,
    mask: false,
    onLink: () => {},
  };
  expect(checkInspectOptions(options)).toEqual(options);
});

test.for<[object, string]>([
  [{ port: -1 }, '"port" expected a whole number from 0 to 65535, got -1'],
  [{ port: 65_536 }, '"port" expected a whole number from 0 to 65535, got 65536'],
  [{ port: 1.5 }, '"port" expected a whole number'],
  [{ port: '80' }, '"port" expected a whole number'],
  [{ host: '' }, '"host" expected an address, or "localhost", got ""'],
  [{ host: 'example.com' }, '"host" expected an address'],
  [{ host: null }, '"host" expected an address'],
  [{ hostNames: '*' }, '"hostNames" expected at most 16 names in lower case, without a port'],
  [{ hostNames: ['*'] }, '"hostNames" expected'],
  [{ hostNames: ['Node'] }, '"hostNames" expected'],
  [{ hostNames: ['node:80'] }, '"hostNames" expected'],
  [{ hostNames: ['node.'] }, '"hostNames" expected'],
  [{ hostNames: ['a'.repeat(254)] }, '"hostNames" expected'],
  [{ hostNames: Array(17).fill('a') }, '"hostNames" expected'],
  [{ actions: 1 }, '"actions" expected true or false, got 1'],
  [{ mask: 'no' }, '"mask" expected true or false, got "no"'],
  [{ onLink: 'x' }, '"onLink" expected a function that takes a link, got "x"'],
  [{ ports: 1 }, '"ports" is not known; there are port, host, hostNames, actions, mask, onLink'],
  [{ mask: true, actions: true }, '"actions" and "mask" exclude each other'],
  [{ host: '0.0.0.0', actions: true }, '"actions" need a loopback "host", and "host" is 0.0.0.0'],
])('%o is wrong', ([options, message], { expect }) => {
  expect(() => checkInspectOptions(options)).toThrow(TypeError);
  expect(() => checkInspectOptions(options)).toThrow(message);
});

test('an IPv4 address inside IPv6 is that IPv4 address', () => {
  expect(checkInspectOptions({ host: '::ffff:127.0.0.1' }).host).toBe('127.0.0.1');
});

test('are a copy: what the caller changes later has no effect', () => {
  const options = { hostNames: ['node.example'], mask: true };
  const checked = checkInspectOptions(options);
  options.hostNames.push('evil.example');
  options.mask = false;
  expect(checked).toMatchObject({ hostNames: ['node.example'], mask: true });
  expect([checked, checked.hostNames].map(Object.isFrozen)).toEqual([true, true]);
});

test('a mask is allowed without actions', () => {
  expect(checkInspectOptions({ mask: true }).mask).toBe(true);
});

test('several mistakes are reported at once', () => {
  expect(() => checkInspectOptions({ port: -1, actions: 1 })).toThrow(/"port".*; "actions"/);
});

describe('loopback', () => {
  test.for(['127.0.0.1', '127.9.9.9', '::1', 'localhost', '::ffff:127.0.0.1'])(
    'is %s',
    (host, { expect }) => {
      expect(isLoopback(host)).toBe(true);
    },
  );
  test.for(['0.0.0.0', '::', '192.0.2.1', '127.example.com', '::ffff:192.0.2.1'])(
    'is not %s',
    (host, { expect }) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
