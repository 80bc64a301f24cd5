/**
 * Two nodes that dial each other at the same moment (security P12): in every order of events, one session is left, and
 * it is the same one on both sides. Once with ourselves, once with a node that keeps whichever connection it
 * finishes first, as go-ethereum does.
 */
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { CROSSED_DIAL_HOLD_MS } from '../../src/machines/connection/crossed-dials.ts';
import { echo } from '../../src/protocols/echo.ts';
import { isExhaustive } from '../support/exhaustive.ts';
import { GatedNetwork, type Step } from '../support/gated-network.ts';
import { type Member, World } from '../support/world.ts';

/** Ids of nodes that do not know of any preference. */
const firstCome = vi.hoisted(() => new Set<string>());

vi.mock('../../src/machines/connection/crossed-dials.ts', async (original) => {
  const module = await original<typeof import('../../src/machines/connection/crossed-dials.ts')>();
  const rivalOf: typeof module.rivalOf = (candidate, known) =>
    firstCome.has(known.self) ? null : module.rivalOf(candidate, known);
  return { ...module, rivalOf };
});

beforeEach(() => firstCome.clear());

const DIALLING_SIDE_FIRST = ['connect', 'auth', 'ack', 'helloOut', 'helloIn', 'open'] as const;
const DIALLED_SIDE_FIRST = ['connect', 'auth', 'ack', 'helloIn', 'helloOut', 'open'] as const;

/** Every order of six steps of one connection and six of the other: `true` is a step of the first. */
const INTERLEAVINGS = interleavings(6, 6);

const SAMPLE = INTERLEAVINGS.filter((_, index) => index % 23 === 0);

/** What each test plays in which all orders matter. */
const PLAYED = isExhaustive ? INTERLEAVINGS : SAMPLE;

/** Turns of the event loop that are more than one step takes: two handshakes use the curve in turns. */
const SETTLED = 20;

const LONG = { timeout: 120_000 };

test('there are 924 orders of events', () => expect(INTERLEAVINGS).toHaveLength(924));

describe('exactly one session, the same on both sides', () => {
  // the connection of the lower id, unless the other one was through before both knew of both
  test('with ourselves', LONG, async () => {
    expect(await playAll(DIALLING_SIDE_FIRST)).toEqual(
      isExhaustive ? { lower: 662, higher: 262, none: 0 } : { lower: 30, higher: 11, none: 0 },
    );
  });

  test('with ourselves, when the dialled side is read first', LONG, async () => {
    expect(await playAll(DIALLED_SIDE_FIRST)).toEqual(
      isExhaustive ? { lower: 762, higher: 162, none: 0 } : { lower: 35, higher: 6, none: 0 },
    );
  });

  test.for([1, 2])('with node %i as a first-come node', LONG, async (seed) => {
    expect(await playAll(DIALLING_SIDE_FIRST, [seed])).toMatchObject({ none: 0 });
  });
});

test(
  'two first-come nodes may end up without a session, which the hold prevents',
  LONG,
  async () => {
    const { none } = await playAll(DIALLING_SIDE_FIRST, [1, 2], SAMPLE);
    expect(none).toBeGreaterThan(0);
  },
);

type Outcome = 'lower' | 'higher' | 'none';

async function playAll(
  steps: readonly Step[],
  firstComeSeeds: readonly number[] = [],
  played = PLAYED,
) {
  const tally: Record<Outcome, number> = { lower: 0, higher: 0, none: 0 };
  for (const turns of played) tally[await play(turns, steps, firstComeSeeds)] += 1;
  return tally;
}

/** @returns whether the session left was dialled by the node with the lower or the higher id. */
async function play(
  turns: readonly boolean[],
  steps: readonly Step[],
  firstComeSeeds: readonly number[],
): Promise<Outcome> {
  const network = new GatedNetwork();
  const world = new World(network);
  const [a, b] = [1, 2].map((seed) => {
    const member = world.add(seed, { protocols: [echo()] });
    if (firstComeSeeds.includes(seed)) firstCome.add(member.key.id);
    return member;
  }) as [Member, Member];
  await world.start(a, b);
  a.server.addPeer(b.enode);
  b.server.addPeer(a.enode);
  await world.settle(SETTLED);

  const left = { a: [...steps], b: [...steps] };
  for (const isOfA of turns) {
    if (isOfA) network.take(left.a.shift()!, 30_002);
    else network.take(left.b.shift()!, 30_001);
    await world.settle(SETTLED);
  }
  for (let waited = 0; waited < CROSSED_DIAL_HOLD_MS * 4; waited += 500) {
    world.clock.advance(500);
    await world.settle(SETTLED);
  }

  const [ours, theirs] = [a, b].map(({ server }) => server.peers.map(({ direction }) => direction));
  await world.end();
  const how = turns.map((turn) => (turn ? 'a' : 'b')).join('');
  if (ours!.length === 0 && theirs!.length === 0) return 'none';
  const dialledByA = ours![0] === 'static';
  const expected = dialledByA ? [['static'], ['inbound']] : [['inbound'], ['static']];
  expect([ours, theirs], how).toEqual(expected);
  return dialledByA === a.key.id < b.key.id ? 'lower' : 'higher';
}

function interleavings(ours: number, theirs: number): readonly (readonly boolean[])[] {
  if (ours === 0) return [Array.from({ length: theirs }, () => false)];
  if (theirs === 0) return [Array.from({ length: ours }, () => true)];
  return [
    ...interleavings(ours - 1, theirs).map((rest) => [true, ...rest]),
    ...interleavings(ours, theirs - 1).map((rest) => [false, ...rest]),
  ];
}
