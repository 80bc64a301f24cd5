import { describe, expect, test } from 'vitest';
import { DEFAULTS, type ServerOptions } from '../../src/api/options.ts';
import type { Peer } from '../../src/api/peer.ts';
import type { Port, Protocol } from '../../src/api/protocol.ts';
import type { ProtocolTools } from '../../src/api/protocol-tools.ts';
import { type Enode, formatEnode } from '../../src/io/crypto/enode.ts';
import { createNodeKey, generateNodeKey, type NodeKey } from '../../src/io/crypto/node-key.ts';
import { defaultSet, PRIMITIVE_SETS, primitivesOf } from '../../src/io/crypto/primitive-sets.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { encodeHello } from '../../src/io/wire/hello.ts';
import { checkOptions } from '../../src/server/config.ts';
import { countingPrimitives, toHex } from '../support/crypto.ts';
import { StepClock } from '../support/step-clock.ts';

const SECRET = new Uint8Array(32).fill(7);
const key = createNodeKey(SECRET);
const other = createNodeKey(new Uint8Array(32).fill(8));
const echo = { name: 'echo', version: 1, length: 2, run: async () => {} };

const place = ({ publicKey, id }: NodeKey): Enode => ({
  ...{ publicKey, id, host: '127.0.0.1', hostKind: 'ipv4', tcpPort: 1, udpPort: 1 },
});

/** With the one option that has no default. */
const check = (options: object) => checkOptions({ nodeKey: key, ...options } as ServerOptions);

describe('an option that is not given', () => {
  test('has the value of the frozen table of defaults', () => {
    const { name, maxMessageBytes, dialRatio, dialShare, staticExempt, discovery, ...rest } =
      DEFAULTS;
    const config = check({ protocols: [echo] });

    expect(config).toMatchObject({ ...rest, maxDialed: 16, maxInbound: 34 });
    expect(config.hello.client).toBe(name);
    const { run, ...offered } = echo;
    expect(config.protocols[0]).toMatchObject({ ...offered, maxMessageBytes });
    expect(run).toBeTypeOf('function');
    expect([dialRatio, dialShare]).toEqual([3, 'ratio']); // in maxDialed and maxInbound
    expect(config.isStaticExempt).toBe(staticExempt);
    expect([discovery, config.discovery]).toEqual(['none', []]);
    expect(config).toMatchObject({ staticNodes: [], trustedNodes: [], inspect: undefined });
    expect(config.ports.clock).toBe(systemClock);
    expect(config.logger.level).toBe('silent');
  });

  test('cannot be changed through the defaults', () => {
    expect(Object.isFrozen(DEFAULTS)).toBe(true);
    expect(Object.isFrozen(DEFAULTS.listen)).toBe(true);
    const config = check({});
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.ports)).toBe(true);
  });

  test('may be any but the key, and the key may be its 32 bytes', () => {
    expect(checkOptions({ nodeKey: SECRET }).key.id).toBe(key.id);
    expect(checkOptions({ nodeKey: Buffer.from(SECRET) }).key.id).toBe(key.id);
    expect(checkOptions({ nodeKey: key }).key).toBe(key);
  });
});

test('an IPv4 address to listen on may be written as IPv6', () => {
  const listen = { host: '::ffff:127.0.0.1', port: 1 };
  expect(check({ listen }).listen).toEqual({ host: '127.0.0.1', port: 1 });
});

test('what the caller changes in its options after the construction has no effect', async () => {
  const calls: string[] = [];
  const run = (name: string) => async () => void calls.push(name);
  const listen = { host: '127.0.0.1', port: 1 };
  const protocol = { ...echo, run: run('first'), nodeInfo: () => 'first' };
  const options = {
    ...{ listen, protocols: [protocol], netRestrict: ['192.0.2.0/24'], ports: {} },
    staticNodes: [formatEnode(place(other))],
  };
  const config = check(options);
  const before = config.ports.clock;
  Object.assign(listen, { host: '0.0.0.0', port: 2 });
  Object.assign(protocol, { name: 'other', length: 9, run: run('second'), nodeInfo: () => 2 });
  Object.assign(options.ports, { clock: new StepClock() });
  for (const list of [options.protocols, options.netRestrict, options.staticNodes]) list.length = 0;

  expect(config.listen).toEqual({ host: '127.0.0.1', port: 1 });
  expect(Object.isFrozen(config.listen)).toBe(true);
  const [kept] = config.protocols;
  await kept!.run({} as Peer, {} as Port, {} as ProtocolTools);
  expect([kept!.name, kept!.length, kept!.nodeInfo!(), calls]).toEqual([
    'echo',
    2,
    'first',
    ['first'],
  ]);
  expect(config.staticNodes).toHaveLength(1);
  expect(config.netRestrict('192.0.2.1')).toBe(true);
  expect(config.ports.clock).toBe(before);
});

describe('our Hello', () => {
  test('has our name, our key and our capabilities, sorted by name and version', () => {
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

describe('a protocol', () => {
  test('may be an object with state of its own', async () => {
    class Counter implements Protocol {
      readonly name = 'count';
      readonly version = 1;
      readonly length = 1;
      #runs = 0;

      nodeInfo(): number {
        return this.#runs;
      }

      peerInfo(): number {
        return -this.#runs;
      }

      async run(): Promise<void> {
        this.#runs += 1;
      }
    }
    const counter = new Counter();
    const { protocols } = check({ protocols: [counter] });
    await protocols[0]!.run({} as Peer, {} as Port, {} as ProtocolTools);
    expect([protocols[0]!.nodeInfo?.(), protocols[0]!.peerInfo?.({} as Peer)]).toEqual([1, -1]);
  });

  test('needs neither nodeInfo nor peerInfo', () => {
    const [protocol] = check({ protocols: [echo] }).protocols;
    expect(['nodeInfo', 'peerInfo'].filter((name) => name in protocol!)).toEqual([]);
    expect(refusal({ protocols: [{ ...echo, nodeInfo: 1 }] })).toMatch(
      /^"protocols\[0\].nodeInfo"/,
    );
    expect(refusal({ protocols: [{ ...echo, peerInfo: 1 }] })).toMatch(
      /^"protocols\[0\].peerInfo"/,
    );
  });

  test('given first provides nodeInfo for all versions of its name', () => {
    const nodeInfo = (told: string) => ({ nodeInfo: () => told });
    const { protocols } = check({
      protocols: [
        { ...echo, version: 2, ...nodeInfo('first') },
        { ...echo, ...nodeInfo('second') },
      ],
    });
    expect(protocols.map((protocol) => protocol.nodeInfo?.())).toEqual(['first', 'first']);
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

describe('budgets', () => {
  test.for(['receiveBudgetBytes', 'sendBudgetBytes'] as const)(
    '%s has room for one of the largest messages',
    (option) => {
      const least = 32 * 1024 * 1024;
      expect(DEFAULTS[option]).toBe(256 * 1024 * 1024);
      expect(check({ [option]: least })[option]).toBe(least);
      expect(refusal({ [option]: least - 1 })).toMatch(
        new RegExp(`^"${option}" expected a whole number from ${least} `),
      );
    },
  );

  test('messageEvents is off by default', () => {
    expect([check({}).messageEvents, check({ messageEvents: true }).messageEvents]).toEqual([
      false,
      true,
    ]);
    expect(refusal({ messageEvents: 1 })).toMatch(/^"messageEvents" expected true or false/);
  });
});

describe('primitives', () => {
  test('the set that is named is used, also by a key that was made before', () => {
    for (const set of PRIMITIVE_SETS) {
      const key = generateNodeKey();
      const config = checkOptions({ nodeKey: key, primitives: set });
      expect(config.primitivesInUse).toBe(primitivesOf(set).inUse);
      expect(config.ports.primitives).toBe(primitivesOf(set).primitives);
      expect(config.key.id).toBe(key.id);
      expect(config.key === key).toBe(set === defaultSet());
    }
  });

  test('primitives of the ports take precedence, and a key that was made before keeps its own', () => {
    const key = generateNodeKey();
    const primitives = countingPrimitives();
    const config = checkOptions({ nodeKey: key, primitives: 'portable', ports: { primitives } });
    expect(config.ports.primitives).toBe(primitives);
    expect(config.primitivesInUse).toMatchObject({ set: 'custom', missing: [] });
    expect(config.key).toBe(key);
  });

  test('another word is refused with the three that there are', () => {
    expect(refusal({ primitives: 'fast' })).toBe(
      '"primitives" expected "default", "node" or "portable", got "fast"',
    );
  });
});

describe('ports', () => {
  test('given ports replace the real ones', () => {
    const clock = new StepClock();
    const { ports } = check({ ports: { clock } });
    expect(ports.clock).toBe(clock);
    expect(ports.primitives).toBe(primitivesOf(defaultSet()).primitives);
  });

  test('an undefined port is the default one', () => {
    const given = { clock: undefined, listener: undefined };
    expect(check({ ports: given }).ports).toEqual(check({}).ports);
  });

  test('a key from bytes uses the given primitives', async () => {
    const primitives = countingPrimitives();
    const config = checkOptions({ nodeKey: SECRET, ports: { primitives } });
    await config.key.ecdh(other.publicKey);
    expect(primitives.count.ecdh).toBe(1);
  });
});

describe('nodes', () => {
  const url = (node: NodeKey, host = '127.0.0.1') => formatEnode({ ...place(node), host });

  test.for(['staticNodes', 'trustedNodes'] as const)('%s are enode URLs', (option) => {
    expect(check({ [option]: [url(other)] })[option]).toMatchObject([
      { id: other.id, host: '127.0.0.1', hostKind: 'ipv4', tcpPort: 1 },
    ]);
    expect(refusal({ [option]: [url(other, 'a b')] })).toMatch(
      new RegExp(`^"${option}\\[0\\]": enode URL expected no blanks, got a space `),
    );
    expect(refusal({ [option]: [url(other, 'a/b')] })).toMatch(
      new RegExp(`^"${option}\\[0\\]": enode port expected 0 to 65535, got ""`),
    );
    expect(refusal({ [option]: [`enode://${'0'.repeat(128)}@127.0.0.1:1`] })).toMatch(
      `"${option}[0]": enode public key expected a point of secp256k1, got "000`,
    );
  });
});

describe('DNS node lists', () => {
  const list = (domain: string) =>
    `enrtree://AKPYQIUQIL7PSIACI32J7FGZW56E5FKHEFCCOFHILBIMW3M6LWXS2@${domain}`;

  test('are named by their URLs, each once', () => {
    expect(check({}).dnsTrees).toEqual([]);
    expect(
      check({ dnsTrees: [list('a.example'), list('A.example')] }).dnsTrees.map(({ url }) => url),
    ).toEqual([list('a.example')]);
  });

  test('that cannot be read are named with what is wrong', () => {
    expect(refusal({ dnsTrees: [list('a.example'), 'enrtree://a.example'] })).toMatch(
      /^"dnsTrees\[1\]": missingPublicKey: /,
    );
    expect(refusal({ dnsTrees: [`${list('a.example')} `] })).toMatch(
      /^"dnsTrees\[0\]": node list URL expected no blanks, got a space /,
    );
  });

  test('are 32 at most', () => {
    const lists = Array.from({ length: 33 }, (_, index) => list(`n${index}.example`));
    expect(refusal({ dnsTrees: lists })).toBe('"dnsTrees" expected at most 32 entries, got 33');
    expect(check({ dnsTrees: lists.slice(1) }).dnsTrees).toHaveLength(32);
  });
});

test('our own enode in a list of nodes is left out, and where it stood is kept for the log', () => {
  const own = formatEnode({ ...place(key), host: '192.0.2.7' });
  const nodes = [formatEnode(place(other)), own];
  const config = check({ staticNodes: nodes, bootnodes: [own, ...nodes], trustedNodes: nodes });
  for (const list of [config.staticNodes, config.bootnodes, config.trustedNodes])
    expect(list.map(({ id }) => id)).toEqual([other.id]);
  expect(config.ownEnodes).toEqual([
    'staticNodes[1]',
    'bootnodes[0]',
    'bootnodes[2]',
    'trustedNodes[1]',
  ]);
  expect(check({ staticNodes: [nodes[0]] }).ownEnodes).toEqual([]);
});

describe('netRestrict', () => {
  test('allows every address when it is not given', () => {
    const { netRestrict } = check({ netRestrict: undefined });
    expect(['192.0.2.1', '2001:db8::1', 'anything'].every(netRestrict)).toBe(true);
  });

  test('allows the addresses in its CIDRs', () => {
    const { netRestrict } = check({ netRestrict: ['192.0.2.0/24', '2001:db8::/32'] });
    const hosts = ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', '192.0.3.1', 'anything'];
    expect(hosts.map(netRestrict)).toEqual([true, true, true, false, false]);
  });

  test('is refused when it is empty or contains something else', () => {
    expect(refusal({ netRestrict: [] })).toBe(
      '"netRestrict" is an empty list, which would reject every address; omit the option to accept all',
    );
    expect(refusal({ netRestrict: ['10.0.0.0/8', '10.0.0.1'] })).toBe(
      '"netRestrict[1]" expected a CIDR such as 192.0.2.0/24 or 2001:db8::/32, got "10.0.0.1"',
    );
    expect(refusal({ netRestrict: '10.0.0.0/8' })).toMatch(
      /^"netRestrict" expected a list of networks, such as "192.0.2.0\/24", got/,
    );
    expect(refusal({ netRestrict: [7] })).toBe(
      '"netRestrict[0]" expected a network, such as "192.0.2.0/24", got 7',
    );
  });
});

describe('options of the right shape that are refused', () => {
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
      '"protocols" lists echo/1 twice; each may be listed once',
    );
    expect(check({ protocols: [echo, { ...echo, version: 2 }] }).protocols).toHaveLength(2);
  });

  test('more protocols than one Hello can hold', () => {
    const protocols = Array.from({ length: 65 }, (_, version) => ({ ...echo, version }));
    expect(refusal({ protocols })).toMatch(/"protocols".*64/);
    const longest = { name: 'x'.repeat(256), protocols: protocols.slice(1) };
    expect(encodeHello(check(longest).hello).length).toBeLessThanOrEqual(2048);
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
