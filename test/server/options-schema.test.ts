import { describe, expect, test } from 'vitest';

import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { assertShape } from '../../src/server/options-schema.ts';

const nodeKey = generateNodeKey();

describe('the shape of the options', () => {
  test('is valid with a key alone', () => {
    expect(() => assertShape({ nodeKey })).not.toThrow();
  });

  test('errors never contain the given key', () => {
    const secret = 'ab'.repeat(32);
    expect(() => assertShape({ nodeKey: secret })).toThrow(
      new TypeError('"nodeKey" expected a node key, or the 32 bytes of one, got string'),
    );
  });

  test.for([
    [{ onPeer: 1 }, '"onPeer" expected a function, got 1'],
    [{ ports: { transport: {} } }, '"ports.transport" expected a function, got Object'],
    [{ inspect: {} }, '"inspect" expected a function or an observer with `next`, got Object'],
    [{ logger: { info() {} } }, '"logger" expected a pino logger, got Object'],
  ])('%o is refused', ([wrong, why]) => {
    expect(() => assertShape({ nodeKey, ...(wrong as object) })).toThrow(
      new TypeError(why as string),
    );
  });

  test.for(['', ' ', '0', '0x0', '1.2', '127.1', 'a b', 'a..b', '[::1]', '*', 'a\0', 7, undefined])(
    'a host to listen on that is no address and no name is refused: %o',
    (host) => {
      expect(() => assertShape({ nodeKey, listen: { host, port: 0 } })).toThrow(
        /^"listen\.host" expected an IP address or a host name \("0\.0\.0\.0" or "::" for every address of this machine\), got /,
      );
    },
  );

  test.for(['127.0.0.1', '0.0.0.0', '::', '::1', 'fe80::1%eth0', 'localhost', 'a-b.example.'])(
    'a host to listen on may be %s',
    (host) => {
      expect(() => assertShape({ nodeKey, listen: { host, port: 0 } })).not.toThrow();
    },
  );

  test('an unknown option is answered with the list of options', () => {
    expect(() => assertShape({ nodeKey, maxpeers: 3 })).toThrow(
      /^"maxpeers" is not an option; the options are nodeKey, name, listen, maxPeers,/,
    );
  });
});
