/** What `ping` and `why` have in common; what each makes of it is in their own tests. */
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';

import { type ProbeOptions, probe } from '../../src/cli/probe.ts';
import { parseNode } from '../../src/io/crypto/node.ts';
import { echo } from '../../src/protocols/echo.ts';
import { FakeActor } from '../../src/testing/machine/fake-actor.ts';
import { host } from '../support/raw-peer-in-world.ts';
import { enodeOf, World } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';

const PLACE = { host: '192.0.2.1', port: 30_002 };

function ask(world: World, options: Partial<ProbeOptions> = {}, enode = enodeOf(2)) {
  const terminal = new FakeTerminal();
  const { clock, network } = world;
  const { dialer } = network;
  const asked = { node: parseNode(enode), timeout: 20, keepMs: 0, ...options };
  return { terminal, result: probe(asked, terminal, { clock, dialer }) };
}

describe('a node that answers', () => {
  test('is disconnected at once when its Hello is enough', async () => {
    const world = new World();
    await world.start(world.add(2));
    const { terminal, result } = ask(world);
    await world.settle();
    const { end, ms, gaveUp: surrender } = await result;
    expect([end.type, ms, surrender]).toEqual(['kept', 0, null]);
    expect(getEventListeners(terminal.signal, 'abort')).toEqual([]);
    await world.end();
  });

  test('stays connected as long as wanted, and is dialled once', async () => {
    const world = new World();
    await world.start(world.add(2, { protocols: [echo()] }));
    const { result } = ask(world, { keepMs: 1_000, protocols: [echo()] });
    await world.advance(5_000);
    expect((await result).end.type).toBe('kept');
    expect((await result).ms).toBe(1_000);
    expect(world.network.dials).toBe(1);
    await world.end();
  });
});

describe('when we stop waiting, the explanation is that of the time limit', () => {
  test.for<[string, (world: World) => void, RegExp, string?]>([
    ['of a connection', ({ network }) => network.silence(PLACE), /behind a firewall/],
    [
      'of an ack',
      ({ network }) => network.attach(PLACE, ({ duplex }) => void duplex.resume()),
      /did not answer our auth/,
    ],
    ['of a Hello', (world) => void host(world, 2), /No Hello came in time/],
  ])('%s', async ([, cause, verdict]) => {
    const world = new World();
    cause(world);
    const { result } = ask(world, { timeout: 2 });
    await world.advance(6_000);
    const { end, gaveUp: surrender } = await result;
    expect(surrender).toBe('timeout');
    expect('explanation' in end && end.explanation.verdict).toMatch(verdict);
    await world.end();
  });
});

test('a stop before the start is a cancelled dial', async () => {
  const world = new World();
  const terminal = new FakeTerminal();
  terminal.stop();
  const { clock, network } = world;
  const asked = { node: parseNode(enodeOf(2)), timeout: 20, keepMs: 0 };
  const { end, gaveUp: surrender } = await probe(asked, terminal, {
    clock,
    dialer: network.dialer,
  });
  expect(end).toMatchObject({ type: 'dialFailed', state: 'cancelled' });
  expect(surrender).toBe('interrupt');
  await world.end();
});

test('when we stop waiting for DNS, the explanation is the time limit of DNS', async () => {
  const world = new World();
  const resolver = new FakeActor<{ type: string }, { type: 'host.notFound' }, string>();
  const { clock, network } = world;
  const named = parseNode(enodeOf(2).replace('192.0.2.1', 'node.example'));
  const asked = { node: named, timeout: 2, keepMs: 0 };
  const ports = { clock, dialer: network.dialer, resolver: resolver.logic };
  const result = probe(asked, new FakeTerminal(), ports);
  await world.advance(3_000);
  const { end, phases } = await result;
  expect('explanation' in end && end.explanation.verdict).toMatch(/name server did not answer/);
  expect(phases.latest).toBe('dns');
  await world.end();
});
