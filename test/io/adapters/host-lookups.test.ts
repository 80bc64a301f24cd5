import { describe, expect, test } from 'vitest';
import type { HostAnswer, LookUp } from '../../../src/io/adapters/host-lookup.ts';
import { HostLookups, LOOKUP_TURN_MS } from '../../../src/io/adapters/host-lookups.ts';
import { hostResolverOf } from '../../../src/io/adapters/host-resolver.ts';
import { formatEnode, parseEnode } from '../../../src/io/crypto/enode.ts';
import type { Clock } from '../../../src/io/process/clock.ts';
import { echo } from '../../../src/protocols/echo.ts';
import { VirtualClock } from '../../../src/testing/world/virtual-clock.ts';
import { enodeOf, storyOf, World } from '../../support/world.ts';

/** Answers the names of the map after 10 ms, and no other. */
function lookupsOf<C extends Clock = VirtualClock>(
  answers: Readonly<Record<string, string>>,
  clock: C = new VirtualClock() as Clock as C,
) {
  const asked: string[] = [];
  const seen = { underWay: 0, most: 0 };
  const lookUp: LookUp = (name, onAnswer) => {
    asked.push(name);
    seen.underWay += 1;
    seen.most = Math.max(seen.most, seen.underWay);
    const address = answers[name];
    const timer =
      address === undefined
        ? null
        : clock.setTimeout(() => {
            seen.underWay -= 1;
            onAnswer({ addresses: [address] });
          }, 10);
    return () => {
      seen.underWay -= 1;
      if (timer !== null) clock.clearTimeout(timer);
    };
  };
  const lookups = new HostLookups({ lookUp, clock, maxAtOnce: 4 });
  return { lookups, clock, asked, seen };
}

describe('lookups of host names', () => {
  test('a silent name server keeps no other name from being looked up', () => {
    const { lookups, clock, seen } = lookupsOf({ good: '192.0.2.1' });
    const answers: HostAnswer[] = [];
    for (let i = 0; i < 7; i += 1) lookups.find(`silent${i}`, () => {});
    lookups.find('good', (answer) => answers.push(answer));
    clock.advance(LOOKUP_TURN_MS + 10);
    expect(answers).toEqual([{ addresses: ['192.0.2.1'] }]);
    expect(seen.most).toBe(4);
  });

  test('a name is looked up once for all who ask, and each of them is answered once', () => {
    const { lookups, clock, asked } = lookupsOf({ good: '192.0.2.1' });
    const answers: HostAnswer[] = [];
    for (let i = 0; i < 3; i += 1) lookups.find('good', (answer) => answers.push(answer));
    clock.advance(10);
    expect([asked, answers.length, clock.pending]).toEqual([['good'], 3, 0]);
  });

  test('a lookup ends when the last who asked withdraws, and not before', () => {
    const { lookups, clock, seen } = lookupsOf({});
    const first = lookups.find('silent', () => {});
    const second = lookups.find('silent', () => {});
    first();
    first();
    expect(seen.underWay).toBe(1);
    second();
    expect([seen.underWay, clock.pending]).toEqual([0, 0]);
  });

  test('a lookup that gave way is run again and can still be answered', () => {
    const clock = new VirtualClock();
    const pending: ((answer: HostAnswer) => void)[] = [];
    const lookUp: LookUp = (_, onAnswer) => {
      pending.push(onAnswer);
      return () => {};
    };
    const lookups = new HostLookups({ lookUp, clock, maxAtOnce: 1 });
    const answers: HostAnswer[] = [];
    lookups.find('slow', (answer) => answers.push(answer));
    const withdraw = lookups.find('silent', () => {});
    clock.advance(LOOKUP_TURN_MS);
    pending[0]?.({ addresses: ['192.0.2.66'] }); // of the cancelled one
    expect([pending.length, answers]).toEqual([2, []]);
    withdraw();
    pending[2]?.({ addresses: ['192.0.2.1'] });
    expect([answers, clock.pending]).toEqual([[{ addresses: ['192.0.2.1'] }], 0]);
  });

  test('a name that was answered is looked up again when it is asked for again', () => {
    const { lookups, clock, asked } = lookupsOf({ good: '192.0.2.1' });
    const answers: HostAnswer[] = [];
    for (let i = 0; i < 2; i += 1) {
      lookups.find('good', (answer) => answers.push(answer));
      clock.advance(10);
    }
    expect([asked.length, answers.length]).toEqual([2, 2]);
  });

  test('a question that is withdrawn after its answer leaves a later lookup of that name alone', () => {
    const { lookups, clock, asked } = lookupsOf({ good: '192.0.2.1' });
    const answers: HostAnswer[] = [];
    const withdraw = lookups.find('good', () => {});
    clock.advance(10);
    lookups.find('good', (answer) => answers.push(answer));
    withdraw();
    lookups.find('good', (answer) => answers.push(answer));
    clock.advance(10);
    expect([asked.length, answers.length]).toEqual([2, 2]);
  });

  test('a lookup that waits and is withdrawn is never run', () => {
    const { lookups, clock, asked } = lookupsOf({});
    for (let i = 0; i < 4; i += 1) lookups.find(`silent${i}`, () => {});
    lookups.find('unwanted', () => {})();
    clock.advance(10 * LOOKUP_TURN_MS);
    expect(asked).not.toContain('unwanted');
    expect(clock.pending).toBe(0);
  });
});

test('with 12 static names that are silent, a good one connects in under 2 s, and stop cancels the rest', async () => {
  const world = new World();
  const b = world.add(2, { protocols: [echo()] });
  await world.start(b);
  const { lookups, seen } = lookupsOf({ 'good.example': '192.0.2.1' }, world.clock);
  const named = (seed: number, host: string) =>
    formatEnode({ ...parseEnode(enodeOf(seed)), host, hostKind: 'name' });
  const silent = Array.from({ length: 12 }, (_, i) => named(10 + i, `silent${i}.example`));
  const a = world.add(1, {
    protocols: [echo()],
    staticNodes: [...silent, named(2, 'good.example')],
    ports: { resolver: hostResolverOf(lookups) },
  });
  await world.start(a);
  await world.advance(1_999);
  expect(storyOf(a)).toEqual(['add']);
  expect(seen.most).toBeLessThanOrEqual(4);
  await world.stop(a);
  expect(seen.underWay).toBe(0);
  await world.stop(b);
  await world.end();
});
