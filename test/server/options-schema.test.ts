import { describe, expect, test } from 'vitest';

import type { Ports, ServerOptions } from '../../src/api/options.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { assertShape } from '../../src/server/options-schema.ts';

const nodeKey = generateNodeKey();

const HOST = 'an IP address or a host name ("0.0.0.0" or "::" for every address of this machine)';
const ENODES = 'a list of nodes';
const YES_OR_NO = 'true or false';
const BYTES = `a whole number from ${32 * 1024 * 1024} to ${Number.MAX_SAFE_INTEGER}`;

/** What each option allows, in the order of the error that lists them. */
const ALLOWED = {
  nodeKey: 'a node key, or the 32 bytes of one',
  name: 'a text of at most 256 bytes',
  listen: 'an object with host and port, or null for not listening',
  maxPeers: 'a whole number from 0 to 100000',
  maxPeersPerSubnet: 'a whole number from 1 to 100000',
  maxPendingPeers: 'a whole number from 1 to 10000',
  dialRatio: 'a whole number from 1 to 1000',
  dialShare: '"ratio" or "legacyHalf"',
  staticExempt: YES_OR_NO,
  redialBackOff: YES_OR_NO,
  churn: YES_OR_NO,
  noDial: YES_OR_NO,
  protocols: 'a list of protocols',
  externalIp: 'the IP address of one host',
  nat: 'a text such as "any" or "none"',
  nodeDatabase: 'the path of a folder',
  staticNodes: ENODES,
  discovery: '"v4", "v5", a list of both, or "none"',
  discoveryListen: 'an object with host and port',
  discv5Listen: 'an object with host and port',
  dnsTrees: 'a list of enrtree:// URLs',
  bootnodes: ENODES,
  bootnodesV5: ENODES,
  candidates: 'an async iterable of nodes',
  candidateWaitMs: 'a whole number from 0 to 60000',
  candidateFilter: 'a function that takes a node',
  trustedNodes: ENODES,
  netRestrict: 'a list of networks, such as "192.0.2.0/24"',
  legacyHandshake: YES_OR_NO,
  receiveBudgetBytes: BYTES,
  sendBudgetBytes: BYTES,
  messageEvents: YES_OR_NO,
  primitives: '"default", "node" or "portable"',
  logger: 'a pino logger',
  metrics: 'a prom-client registry',
  onPeer: 'a function that takes a peer',
  inspect: 'a function or an observer with `next`',
  ports: 'an object with the parts to replace',
} satisfies Record<keyof ServerOptions, string>;

const LOGIC = 'actor logic, such as fromCallback of XState makes';
const PORTS = {
  clock: 'a clock, with now(), setTimeout() and clearTimeout()',
  random: 'a function that returns random bytes',
  primitives: 'primitives, with ecdh(), sign(), keccak256() and others',
  listener: LOGIC,
  dialer: LOGIC,
  resolver: LOGIC,
  nodeResolver: LOGIC,
  txtResolver: 'a function that looks up TXT records',
  dialGenerator: 'a dial generator, with begin(), newTasks(), taskDone() and others',
  unixTimeMs: 'a function that returns the time of day in ms',
  openFiles: 'a function that returns the limit of open files',
  datagrams: 'a function that binds a UDP address',
  gateway: 'a function that finds a gateway',
  transport: 'a function that makes the link of a connection',
} satisfies Record<keyof Ports, string>;

const complaint = (options: unknown): string => {
  try {
    assertShape(options);
  } catch (error) {
    return (error as TypeError).message;
  }
  return 'none';
};

/** The names in `"x" is not an option; the options are a, b`. */
const known = (check: () => void): string[] => {
  let names: string[] = [];
  try {
    check();
  } catch (error) {
    names = /are (.*)$/.exec((error as TypeError).message)?.[1]?.split(', ') ?? [];
  }
  return names;
};

describe('the shape of the options', () => {
  test('is valid with a key alone', () => {
    expect(() => assertShape({ nodeKey })).not.toThrow();
  });

  test('errors never contain the given key', () => {
    const secret = 'ab'.repeat(32);
    expect(() => assertShape({ nodeKey: secret })).toThrow(
      new TypeError(
        '"nodeKey" expected a node key, or the 32 bytes of one, got string; createNodeKey(Buffer.from(hex, \'hex\')) makes a key of hex digits',
      ),
    );
  });

  test('every option and port says in words what is allowed', () => {
    expect(Object.keys(ALLOWED)).toEqual(known(() => assertShape({ nodeKey, x: 1 })));
    expect(Object.keys(PORTS)).toEqual(known(() => assertShape({ nodeKey, ports: { x: 1 } })));
    for (const [name, allowed] of Object.entries(ALLOWED))
      expect(complaint({ nodeKey, [name]: 0.5 })).toBe(
        `"${name}" expected ${allowed}, got ${name === 'nodeKey' ? 'number' : '0.5'}`,
      );
    for (const [name, allowed] of Object.entries(PORTS))
      expect(complaint({ nodeKey, ports: { [name]: 0.5 } })).toBe(
        `"ports.${name}" expected ${allowed}, got 0.5`,
      );
  });

  test.for<[object, string]>([
    [{ ports: { transport: {} } }, `"ports.transport" expected ${PORTS.transport}, got Object`],
    [{ inspect: {} }, '"inspect" expected a function or an observer with `next`, got Object'],
    [{ logger: { info() {} } }, '"logger" expected a pino logger, got Object'],
    [{ listen: { port: 0 } }, `"listen.host" expected ${HOST}, got undefined`],
    [
      { listen: { host: '::1' } },
      '"listen.port" expected a whole number from 0 to 65535, got undefined',
    ],
    [{ listen: '::1' }, `"listen" expected ${ALLOWED.listen}, got "::1"`],
    [
      { staticNodes: [1] },
      '"staticNodes[0]" expected an enode URL, a node record or a node, got 1',
    ],
    [
      { protocols: [{}, 1] },
      '"protocols[1]" expected a protocol, with name, version, length and run, got 1',
    ],
    [
      { protocols: [{ name: 'toolongname' }] },
      '"protocols[0].name" expected 1 to 8 printable ASCII characters, got "toolongname"',
    ],
    [
      { protocols: [{ name: 'a', version: 1, length: 1 }] },
      '"protocols[0].run" expected a function, got undefined',
    ],
  ])('%o is refused', ([wrong, why]) => {
    expect(complaint({ nodeKey, ...wrong })).toContain(why);
  });

  test('options that are no object are refused', () => {
    expect(complaint(7)).toBe('"options" expected an object, got 7');
    expect(complaint(undefined)).toBe('"options" expected an object, got undefined');
    expect(complaint({})).toBe(`"nodeKey" expected ${ALLOWED.nodeKey}, got undefined`);
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
