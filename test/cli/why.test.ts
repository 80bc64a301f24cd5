/** Each cause that needs no handshake of eth, made in memory, and what `why` says about it. */
import { describe, expect, test } from 'vitest';

import { why } from '../../src/cli/why.ts';
import type { WhyReport } from '../../src/cli/why-report.ts';
import type { Explanation } from '../../src/explain.ts';
import { formatEnode, parseEnode } from '../../src/io/crypto/enode.ts';
import { DISCONNECT } from '../../src/io/wire/base-message.ts';
import { type DisconnectReason, encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import type { Hello } from '../../src/io/wire/hello.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { RawPeer } from '../../src/testing/raw-peer.ts';
import { MemoryNetwork } from '../support/memory-network.ts';
import { helloOf, host, knock } from '../support/raw-guest.ts';

import { enodeOf, keyOf, World } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';

const PLACE = { host: '192.0.2.1', port: 30_002 };
const ECHO = [{ name: 'echo', version: 1 }];
const ETH = [{ name: 'eth', version: 69 }];

/** What somebody at `PLACE` does. @returns what is to happen once the dial is under way. */
type Cause = (world: World) => Promise<((world: World) => Promise<void>) | undefined | void>;

/** Asks about node 2, in a world that has nothing left afterwards. */
async function ask(cause: Cause, { offer = ECHO, enode = enodeOf(2), timeout = 20 } = {}) {
  const world = new World(new MemoryNetwork());
  const then = await cause(world);
  const terminal = new FakeTerminal();
  const { clock, network } = world;
  const done = why(parseEnode(enode), { json: true, timeout, offer }, terminal, {
    clock,
    dialer: network.dialer,
  });
  await world.settle();
  await then?.(world);
  await world.advance(25_000);
  const code = await done;
  expect(terminal.errors).toBe('');
  expect(terminal.lines).toHaveLength(1);
  const report = await terminal.report('why');
  expect(code).toBe(report.isPeer ? 0 : 1);
  expect(report.explanation.evidence).not.toEqual([]);
  await world.end();
  return report;
}

const failedPhase = ({ phases }: WhyReport) =>
  phases.find(({ result }) => result === 'failed')?.phase;

/** A server of ours, with what it takes to be reached. */
const server =
  (options: Parameters<World['add']>[1] = {}): Cause =>
  async (world) => {
    await world.start(world.add(2, { protocols: [echo()], ...options }));
  };

/** Somebody who answers each connection with bytes, or not at all. */
const banner =
  (bytes: string | Uint8Array | null): Cause =>
  async ({ network }) =>
    network.attach(PLACE, ({ duplex }) => {
      duplex.resume();
      if (bytes !== null) duplex.once('data', () => void duplex.write(bytes));
    });

/** Says these words when there are keys, and `then` whatever it wants. */
const guest =
  (speak: (guest: RawPeer) => void): Cause =>
  async (world) => {
    const { guests } = host(world, 2);
    return async () => {
      speak(guests[0]!);
    };
  };

const goodbye = (reason: DisconnectReason): Cause =>
  guest((peer) => {
    peer.say(DISCONNECT, encodeDisconnect(reason));
    peer.stream.duplex.end();
  });

/** A peer that says Hello, and after `ms` goodbye, or goes without a word. */
const peer =
  (reason: DisconnectReason | null, ms = 0, hello: Partial<Hello> = {}): Cause =>
  async (world) => {
    const { guests } = host(world, 2);
    return async () => {
      const them = guests[0]!;
      them.sayHello(helloOf(2, hello));
      await world.settle();
      await world.advance(ms);
      if (reason) them.sayPacked(DISCONNECT, encodeDisconnect(reason));
      them.stream.duplex.end();
    };
  };

type Confidence = Explanation['confidence'];
type Options = Parameters<typeof ask>[1];

describe('a cause', () => {
  test.for<[string, Cause, string, RegExp, Confidence, Options?]>([
    ['a dead port', async () => {}, 'tcp', /^Nobody listens/, 'certain'],
    [
      'a firewall',
      async ({ network }) => network.silence(PLACE),
      'tcp',
      /behind a firewall/,
      'likely',
    ],
    [
      'a firewall, and no patience',
      async ({ network }) => network.silence(PLACE),
      'tcp',
      /behind a firewall/,
      'likely',
      { timeout: 2 },
    ],
    [
      'a wrong key',
      server(),
      'ack',
      /public key in the enode is probably not theirs/,
      'likely',
      { enode: formatEnode({ ...parseEnode(enodeOf(3)), tcpPort: PLACE.port }) },
    ],
    [
      'netrestrict, which nobody can tell from a wrong key',
      server({ netRestrict: ['95.33.0.0/16'] }),
      'ack',
      /or they turn our address away/,
      'likely',
    ],
    ['silence', banner(null), 'ack', /never answered our auth/, 'possible'],
    [
      'silence, and no patience',
      banner(null),
      'ack',
      /never answered our auth/,
      'possible',
      { timeout: 2 },
    ],
    ['a web server', banner('HTTP/1.1 400 Bad Request\r\n'), 'ack', /web server/, 'likely'],
    ['an SSH server', banner('SSH-2.0-OpenSSH_9.6\r\n'), 'ack', /SSH/, 'likely'],
    [
      'an ack that nobody can read',
      banner(Uint8Array.from({ length: 400 }, (_, at) => [1, 0x72, 4][at] ?? 7)),
      'ack',
      /no ack for us/,
      'likely',
    ],
    ['full, refused early', server({ maxPeers: 0 }), 'hello', /no free slot/, 'certain'],
    ['full, seen after Hello', peer('tooManyPeers'), 'peer', /looked again/, 'certain'],
    ['already connected', goodbye('alreadyConnected'), 'hello', /hold another/, 'likely'],
    ['another p2p version', goodbye('incompatibleVersion'), 'hello', /p2p version/, 'certain'],
    ['another key expected', goodbye('unexpectedIdentity'), 'hello', /another key/, 'likely'],
    ['our own key', goodbye('self'), 'hello', /same key/, 'certain'],
    ['a node that stops', goodbye('clientQuitting'), 'hello', /shutting down/, 'likely'],
    ['0x00 instead of Hello', goodbye('requested'), 'hello', /without a reason/, 'unknown'],
    [
      'an end instead of Hello',
      guest(({ stream }) => void stream.duplex.end()),
      'hello',
      /hung up instead of a Hello/,
      'possible',
    ],
    ['no Hello', async (world) => void host(world, 2), 'hello', /No Hello/, 'possible'],
    ['no shared capability', server(), 'capabilities', /share no cap/, 'certain', { offer: ETH }],
    [
      'another network, in the words of Nethermind',
      peer('uselessPeer', 0, { client: 'Nethermind/v1.30', capabilities: ETH }),
      'peer',
      /another network/,
      'likely',
      { offer: ETH },
    ],
    [
      'another network, in the words of go-ethereum',
      peer('subprotocolError', 0, { client: 'Geth/v1.17', capabilities: ETH }),
      'peer',
      /network id, genesis or fork id/,
      'likely',
      { offer: ETH },
    ],
    [
      'a message that belongs to nobody',
      guest((them) => {
        them.sayHello(helloOf(2));
        them.sayPacked(200, Uint8Array.of(0xc0));
      }),
      'peer',
      /belongs to no capability/,
      'certain',
    ],
    ['an end at once', peer(null), 'peer', /within seconds/, 'unknown'],
    ['0x00 at once', peer('requested'), 'peer', /asked to disconnect/, 'unknown'],
  ])('%s', async ([, cause, phase, verdict, confidence, options]) => {
    const report = await ask(cause, options);
    expect(report.explanation.verdict).toMatch(verdict);
    expect(report.explanation.confidence).toBe(confidence);
    expect(failedPhase(report)).toBe(phase);
    expect(report.isPeer).toBe(false);
  });

  test('the same address within 30 s', async () => {
    const caller = { host: '95.33.21.2', port: 4_444 };
    const report = await ask(async (world) => {
      const { network } = world;
      const member = world.add(2);
      await world.start(member);
      knock(world, member, 3, caller).stream.destroy();
      const connect = network.connect.bind(network);
      network.connect = (to) => connect(to, { ...caller, port: 5_555 });
    });
    expect(report.explanation).toMatchObject({
      verdict: expect.stringContaining('for 30 s after a connection'),
      remedy: expect.stringContaining('wait 35 s'),
      confidence: 'likely',
    });
  });
});

test('both lists are evidence when nothing is shared', async () => {
  const { explanation, client, capabilities } = await ask(server(), { offer: ETH });
  expect(explanation.evidence).toEqual(expect.arrayContaining(['ours: eth/69', 'theirs: echo/1']));
  expect([client, capabilities]).toEqual(['peerchart/0.1.0', ['echo/1']]);
});

describe('a node that takes us', () => {
  test('is told apart by its exit code, its phases and what it shares', async () => {
    const report = await ask(server());
    expect(report).toMatchObject({
      isPeer: true,
      state: 'peer',
      trail: [],
      capabilities: ['echo/1'],
      explanation: {
        confidence: 'certain',
        evidence: expect.arrayContaining(['shared: echo/1']),
      },
    });
    expect(report.phases.map(({ result }) => result)).toEqual([
      'skipped',
      ...Array(6).fill('passed'),
    ]);
    expect(report.phases.at(-1)?.ms).toBe(3_000);
  });

  test('may talk: its messages are counted', async () => {
    const report = await ask(async (world) => {
      const { guests } = host(world, 2);
      return async () => {
        guests[0]!.sayHello(helloOf(2));
        for (const code of [16, 17]) guests[0]!.sayPacked(code, Uint8Array.of(0xc0));
      };
    });
    expect(report.isPeer).toBe(true);
    expect(report.explanation.evidence).toContain('messages from their subprotocols: 2');
  });
});

test('somebody loses patience', async () => {
  const world = new World();
  world.network.silence(PLACE);
  const terminal = new FakeTerminal();
  const { clock, network } = world;
  const ports = { clock, dialer: network.dialer };
  const done = why(parseEnode(enodeOf(2)), { timeout: 20 }, terminal, ports);
  await world.settle();
  terminal.stop();
  await world.settle();
  expect(await done).toBe(1);
  expect(terminal.output).toMatch(/Verdict \(unknown\): Interrupted .*\[cancelled\]/);
  expect(keyOf(2).id.startsWith(terminal.lines[0]!.slice(0, 8))).toBe(true);
  await world.end();
});
