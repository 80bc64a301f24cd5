import { describe, expect, test } from 'vitest';

import { systemClock } from '../src/io/actors/clock.ts';
import { formatEnode } from '../src/io/crypto/enode.ts';
import { createNodeKey, type NodeKey } from '../src/io/crypto/node-key.ts';
import { noblePrimitives } from '../src/io/crypto/primitives.ts';
import { checkOptions, DEFAULTS, type ServerOptions } from '../src/options.ts';
import { countingPrimitives, toHex } from './support/crypto.ts';
import { StepClock } from './support/step-clock.ts';

const SECRET = new Uint8Array(32).fill(7);
const key = createNodeKey(SECRET);
const other = createNodeKey(new Uint8Array(32).fill(8));
const echo = { name: 'echo', version: 1, length: 2, run: async () => {} };

/** With the one option that has no default. */
const check = (options: object) => checkOptions({ nodeKey: key, ...options } as ServerOptions);

describe('what is not given', () => {
  test('is as in the frozen table of defaults', () => {
    const { name, maxMessageBytes, dialRatio, ...rest } = DEFAULTS;
    const config = check({ protocols: [echo] });

    expect(config).toMatchObject({ ...rest, maxDialed: 16, maxInbound: 34 });
    expect(config.hello.client).toBe(name);
    expect(config.protocols[0]).toMatchObject({ ...echo, maxMessageBytes });
    expect(dialRatio).toBe(3);
    expect(config).toMatchObject({ staticNodes: [], trustedNodes: [], inspect: undefined });
    expect(config.ports.clock).toBe(systemClock);
    expect(config.logger.level).toBe('info');
    expect(config.logger.isLevelEnabled('fatal')).toBe(false);
  });

  test('the defaults cannot be changed by anybody', () => {
    expect(Object.isFrozen(DEFAULTS)).toBe(true);
    expect(Object.isFrozen(DEFAULTS.listen)).toBe(true);
    const config = check({});
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.ports)).toBe(true);
  });

  test('all but the key may be left out, and the key may be its 32 bytes', () => {
    expect(checkOptions({ nodeKey: SECRET }).key.id).toBe(key.id);
    expect(checkOptions({ nodeKey: Buffer.from(SECRET) }).key.id).toBe(key.id);
    expect(checkOptions({ nodeKey: key }).key).toBe(key);
  });
});

describe('what we say in Hello', () => {
  test('is our name, our key and what we offer, sorted by name and version', () => {
    const protocols = [
      { ...echo, name: 'snap' },
      { ...echo, name: 'eth', version: 69 },
      { ...echo, name: 'eth', version: 9 },
      { ...echo, name: 'Eth', version: 70 },
    ];
    const { hello, protocols: sorted } = check({ name: 'me', protocols });

    expect(hello).toEqual({
      version: 5,
      client: 'me',
      capabilities: [
        { name: 'Eth', version: 70 },
        { name: 'eth', version: 9 },
        { name: 'eth', version: 69 },
        { name: 'snap', version: 1 },
      ],
      listenPort: 0,
      publicKey: toHex(key.publicKey.subarray(1)),
    });
    expect(sorted.map(({ name, version }) => ({ name, version }))).toEqual(hello.capabilities);
    expect(protocols[0]!.name).toBe('snap'); // the caller's own list is left as it was
  });
});

describe('limits', () => {
  // go-ethereum p2p/server.go, maxDialedConns and maxInboundConns
  test.for<[maxPeers: number, dialRatio: number, noDial: boolean, dialed: number, inbound: number]>(
    [
      [0, 3, false, 0, 0],
      [0, 1, true, 0, 0],
      [1, 3, false, 1, 0],
      [2, 3, false, 1, 1],
      [10, 3, false, 3, 7],
      [10, 1, false, 10, 0],
      [10, 2, false, 5, 5],
      [25, 3, false, 8, 17],
      [50, 3, false, 16, 34],
      [50, 100, false, 1, 49],
      [10, 3, true, 0, 10],
    ],
  )(
    '%i peers, one in %i dialled, no dialling %s: %i dialled, %i inbound',
    ([maxPeers, dialRatio, noDial, maxDialed, maxInbound]) => {
      expect(check({ maxPeers, dialRatio, noDial })).toMatchObject({ maxDialed, maxInbound });
    },
  );
});

describe('ports', () => {
  test('those that are given take the place of the real ones', () => {
    const clock = new StepClock();
    const { ports } = check({ ports: { clock } });
    expect(ports.clock).toBe(clock);
    expect(ports.primitives).toBe(noblePrimitives);
  });

  test('a key from bytes uses the given primitives', async () => {
    const primitives = countingPrimitives();
    const config = checkOptions({ nodeKey: SECRET, ports: { primitives } });
    await config.key.ecdh(other.publicKey);
    expect(primitives.count.ecdh).toBe(1);
  });
});

describe('nodes', () => {
  const url = (node: NodeKey, host = '127.0.0.1') =>
    formatEnode({
      publicKey: node.publicKey,
      id: node.id,
      host,
      hostKind: 'ipv4',
      tcpPort: 1,
      udpPort: 1,
    });

  test.for(['staticNodes', 'trustedNodes'] as const)('%s are enode URLs of others', (option) => {
    expect(check({ [option]: [url(other)] })[option]).toMatchObject([
      { id: other.id, host: '127.0.0.1', hostKind: 'ipv4', tcpPort: 1 },
    ]);
    expect(refusal({ [option]: [url(other), url(key)] })).toBe(
      `"${option}[1]" is this node itself`,
    );
    expect(refusal({ [option]: [url(other, 'a b')] })).toMatch(
      new RegExp(`^"${option}\\[0\\]": enode .*expected enode://.* got "enode://`),
    );
    expect(refusal({ [option]: [`enode://${'0'.repeat(128)}@127.0.0.1:1`] })).toMatch(
      `"${option}[0]": enode public key expected a point of secp256k1, got "000`,
    );
  });
});

/** How the sentence is put is free. */
const INTEGER = /(an|whole|safe|expected) integer|whole number/;

describe('nonsense is refused by name, with what was given and what is allowed', () => {
  test.for<[option: string, bad: unknown, given: string | RegExp, allowed: string | RegExp]>([
    ['name', 3, '3', 'string'],
    ['name', null, 'null', 'string'],
    ['name', 'x'.repeat(257), '257', '256'],
    ['name', 'é'.repeat(129), '258', '256'],
    ['listen', '127.0.0.1:1', '"127.0.0.1:1"', 'Object'],
    ['listen.port', { host: '::1', port: 65_536 }, '65536', '65535'],
    ['listen.port', { host: '::1', port: -1 }, '-1', '0'],
    ['listen.port', { host: '::1', port: 1.5 }, '1.5', INTEGER],
    ['listen.host', { host: 1, port: 1 }, '1', 'string'],
    ['maxPeers', -1, '-1', '0'],
    ['maxPeers', 100_001, '100001', '100000'],
    ['maxPeers', 1.5, '1.5', INTEGER],
    ['maxPeers', Number.NaN, 'NaN', 'number'],
    ['maxPeers', '5', '"5"', 'number'],
    ['maxPendingPeers', 0, '0', '1'],
    ['maxPendingPeers', 10_001, '10001', '10000'],
    ['maxPendingPeers', 2.5, '2.5', INTEGER],
    ['dialRatio', 0, '0', '1'],
    ['dialRatio', 1_001, '1001', '1000'],
    ['noDial', 1, '1', 'boolean'],
    ['legacyHandshake', 'yes', '"yes"', 'boolean'],
    ['protocols', {}, 'Object', 'Array'],
    ['protocols.0', [1], '1', 'Object'],
    ['protocols.0.name', [{ ...echo, name: '' }], '""', '1 to 8 printable ASCII'],
    ['protocols.0.name', [{ ...echo, name: '123456789' }], '"123456789"', '1 to 8 printable'],
    ['protocols.1.name', [echo, { ...echo, name: 'a b' }], '"a b"', '1 to 8 printable ASCII'],
    ['protocols.0.version', [{ ...echo, version: -1 }], '-1', '0'],
    ['protocols.0.version', [{ ...echo, version: 2 ** 31 }], '2147483648', '2147483647'],
    ['protocols.0.length', [{ ...echo, length: 65_536 }], '65536', '65535'],
    ['protocols.0.maxMessageBytes', [{ ...echo, maxMessageBytes: 2 ** 24 }], '', '16777215'],
    ['protocols.0.run', [{ ...echo, run: 1 }], '1', 'Function'],
    ['staticNodes', 'enode://', '"enode://"', 'Array'],
    ['staticNodes.0', [1], '1', 'string'],
    ['trustedNodes.0', [null], 'null', 'string'],
    ['nodeKey', undefined, 'undefined', /node key|32 bytes/],
    ['nodeKey', null, 'null', /node key|32 bytes/],
    ['nodeKey', 'ab'.repeat(32), '"abab', /node key|32 bytes/],
    ['nodeKey', {}, /Object|\{/, /node key|32 bytes/],
    ['logger', 1, '1', /logger|pino/],
    ['logger', {}, /Object|\{/, /logger|pino/],
    ['inspect', {}, /Object|\{/, 'function'],
    ['ports', 1, '1', /object/i],
    ['ports', null, 'null', /object/i],
    ['ports.clock', { clock: 1 }, '1', /clock|object/i],
    ['ports.sockets', { sockets: {} }, 'sockets', /clock/],
    ['maxpeers', 5, 'maxpeers', /no .*option|not an option|unknown|maxPeers/],
  ])('%s: %j', ([option, bad, given, allowed]) => {
    const message = refusal({ [option.split('.')[0]!]: bad });
    expect(message).toContain(`"${option}"`);
    expect(message).toMatch(given);
    expect(message).toMatch(allowed);
    expect(message).not.toMatch(/expected (unknown|never|Invalid|"|\/)/); // words of a library
  });

  test('everything that is wrong is said at once', () => {
    expect(refusal({ maxPeers: -1, dialRatio: 0 })).toMatch(/"maxPeers".*; "dialRatio"/);
  });

  test.for([undefined, null, 'nodeKey'])('options that are %s', (options) => {
    expect(() => checkOptions(options as never)).toThrow(TypeError);
    expect(() => checkOptions(options as never)).toThrow('"options" expected Object');
  });

  test.for([
    [new Uint8Array(31), '31 bytes'],
    [new Uint8Array(32), 'zero'],
    [new Uint8Array(32).fill(0xff), 'a larger number'],
  ] as const)('bytes that are no secret key: %#', ([nodeKey, given]) => {
    expect(() => check({ nodeKey })).toThrow(
      new RangeError(
        `"nodeKey" expected 32 bytes, not zero and below the order of secp256k1, got ${given}`,
      ),
    );
  });

  test('a protocol twice', () => {
    expect(refusal({ protocols: [echo, { ...echo, length: 3 }] })).toBe(
      '"protocols" has echo/1 twice; each may stand there once',
    );
    expect(check({ protocols: [echo, { ...echo, version: 2 }] }).protocols).toHaveLength(2);
  });

  test('more protocols than fit into one Hello', () => {
    const protocols = Array.from({ length: 300 }, (_, version) => ({ ...echo, version }));
    expect(refusal({ protocols })).toContain('"protocols"');
  });
});

/** The sentence of the TypeError. */
function refusal(options: object): string {
  try {
    check(options);
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as TypeError).message;
  }
  throw new Error('these options were accepted');
}
