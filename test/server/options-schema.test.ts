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
    [{ logger: { info() {} } }, '"logger" expected a pino logger, got Object'],
  ])('%o is refused', ([wrong, why]) => {
    expect(() => assertShape({ nodeKey, ...(wrong as object) })).toThrow(
      new TypeError(why as string),
    );
  });

  test('an unknown option is answered with the list of options', () => {
    expect(() => assertShape({ nodeKey, maxpeers: 3 })).toThrow(
      /^"maxpeers" is not an option; the options are nodeKey, name, listen, maxPeers,/,
    );
  });
});
