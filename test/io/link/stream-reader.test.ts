import { describe, expect, test } from 'vitest';

import { type Reader, StreamReader } from '../../../src/io/link/stream-reader.ts';
import { Traffic } from '../../../src/io/link/traffic.ts';
import { memoryPair } from '../../support/memory-stream.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

function newInlet(chunkBytes?: number) {
  const clock = new StepClock();
  const pair = memoryPair(chunkBytes === undefined ? {} : { chunkBytes });
  const { a, b, delivered } = pair;
  const faults: unknown[] = [];
  const traffic = new Traffic().stream;
  const inlet = new StreamReader(b.duplex, clock, traffic, (error) => faults.push(error));
  const say = (...bytes: number[]) => a.duplex.write(Uint8Array.from(bytes));
  return { inlet, clock, faults, traffic, say, remote: a.duplex, duplex: b.duplex, delivered };
}

/** Takes `size` bytes at a time and keeps them. */
function taking(size: number, got: number[][], then: () => void = () => {}): Reader {
  return (chunk) => {
    const taken = chunk.subarray(0, size);
    got.push([...taken]);
    then();
    return taken.length;
  };
}

const flood = (messages: number): number[] => Array.from({ length: messages }, (_, i) => i % 256);

describe('what is read', () => {
  test('nothing without a command: the remote is held back', async () => {
    const { remote, delivered } = newInlet();
    for (let i = 0; i < 64; i += 1) remote.write(new Uint8Array(16 * 1024));
    await turns();
    expect(remote.writableLength).toBeGreaterThan(512 * 1024);
    expect(delivered.aToB).toBeLessThan(128 * 1024);
  });

  test('by one reader, message by message', async () => {
    const { inlet, say, traffic } = newInlet();
    const got: number[][] = [];
    inlet.read(taking(2, got));
    say(1, 2, 3, 4);
    say(5);
    await turns();
    expect(got).toEqual([[1, 2], [3, 4], [5]]);
    expect(traffic).toEqual({ ingress: 5, egress: 0 });
  });

  test('by the next reader alone once there is one', async () => {
    const { inlet, say } = newInlet();
    const [first, second]: [number[][], number[][]] = [[], []];
    inlet.read(taking(1, first));
    say(1);
    await turns();
    inlet.read(taking(1, second));
    say(2);
    await turns();
    expect([first, second]).toEqual([[[1]], [[2]]]);
  });

  test('what a reader leaves of a chunk is where the next one begins', async () => {
    const { inlet, say } = newInlet();
    const [first, second]: [number[][], number[][]] = [[], []];
    inlet.read(taking(2, first, () => inlet.stop()));
    say(1, 2, 3, 4, 5);
    await turns();
    expect(first).toEqual([[1, 2]]);
    inlet.read(taking(3, second));
    await turns();
    expect(second).toEqual([[3, 4, 5]]);
  });

  test('a reader may name the next one itself', async () => {
    const { inlet, say } = newInlet();
    const [first, second]: [number[][], number[][]] = [[], []];
    inlet.read(taking(1, first, () => inlet.read(taking(1, second))));
    say(1, 2, 3);
    await turns();
    expect([first, second]).toEqual([[[1]], [[2], [3]]]);
  });

  test('nothing after a stop, and all of it when reading goes on', async () => {
    const { inlet, say } = newInlet();
    const got: number[][] = [];
    inlet.read(taking(1, got));
    inlet.stop();
    say(1, 2);
    await turns();
    expect(got).toEqual([]);
    inlet.read(taking(1, got));
    await turns();
    expect(got).toEqual([[1], [2]]);
  });
});

describe('F12, R12: reading in turns', () => {
  test('a link that is flooded lets another have its turn after 16 messages', async () => {
    const [flooded, other] = [newInlet(), newInlet()];
    const log: string[] = [];
    const note = (who: string): Reader => taking(1, [], () => void log.push(who));
    flooded.inlet.read(note('flooded'));
    other.inlet.read(note('other'));
    flooded.say(...flood(100));
    other.say(1);
    await turns();
    expect(log).toHaveLength(101);
    expect(log.indexOf('other')).toBe(16);
  });

  test('each turn has 16 messages, and none is lost', async () => {
    const { inlet, say } = newInlet();
    const perTurn: number[] = [];
    let inThisTurn = 0;
    inlet.read(() => {
      inThisTurn += 1;
      return 1;
    });
    say(...flood(40));
    for (let turn = 0; turn < 8; turn += 1) {
      await turns(1);
      if (inThisTurn > 0) perTurn.push(inThisTurn);
      inThisTurn = 0;
    }
    expect(perTurn).toEqual([16, 16, 8]);
  });

  test('16 messages are a turn however many chunks they come in', async () => {
    const [flooded, other] = [newInlet(1), newInlet()];
    const log: string[] = [];
    const note = (who: string): Reader => taking(1, [], () => void log.push(who));
    flooded.inlet.read(note('flooded'));
    other.inlet.read(note('other'));
    flooded.say(...flood(100));
    other.say(1);
    await turns(200);
    expect(log).toHaveLength(101);
    expect(log.indexOf('other')).toBeLessThanOrEqual(16);
  });

  test('a turn ends after 5 ms even with fewer messages', async () => {
    const [slow, other] = [newInlet(), newInlet()];
    const log: string[] = [];
    slow.inlet.read(
      taking(1, [], () => {
        slow.clock.advance(3);
        log.push('slow');
      }),
    );
    other.inlet.read(taking(1, [], () => void log.push('other')));
    slow.say(...flood(10));
    other.say(1);
    await turns();
    expect(log).toHaveLength(11);
    expect(log.indexOf('other')).toBe(2);
  });
});

describe('holding', () => {
  test('the reader stays and gets nothing until it is released', async () => {
    const { inlet, say } = newInlet();
    const got: number[][] = [];
    inlet.read(taking(1, got));
    inlet.hold();
    say(1, 2);
    await turns();
    expect([inlet.isHeld, got]).toEqual([true, []]);
    inlet.release();
    await turns();
    expect([inlet.isHeld, got]).toEqual([false, [[1], [2]]]);
  });

  test('in the middle of a chunk keeps the rest of it', async () => {
    const { inlet, say } = newInlet();
    const got: number[][] = [];
    inlet.read(taking(1, got, () => got.length === 2 && inlet.hold()));
    say(1, 2, 3);
    await turns();
    expect(got).toEqual([[1], [2]]);
    inlet.release();
    await turns();
    expect(got).toEqual([[1], [2], [3]]);
  });

  test('and releasing within one message changes nothing', async () => {
    const { inlet, say } = newInlet();
    const got: number[][] = [];
    inlet.read(
      taking(1, got, () => {
        inlet.hold();
        inlet.release();
      }),
    );
    say(1, 2, 3);
    await turns();
    expect(got).toEqual([[1], [2], [3]]);
  });

  test('a release without a hold does not start to read', async () => {
    const { inlet, say } = newInlet();
    const got: number[][] = [];
    inlet.read(taking(1, got));
    inlet.stop();
    inlet.release();
    say(1);
    await turns();
    expect(got).toEqual([]);
  });

  test('a new reader is not held', async () => {
    const { inlet, say } = newInlet();
    const got: number[][] = [];
    inlet.hold();
    inlet.read(taking(1, got));
    say(1);
    await turns();
    expect(got).toEqual([[1]]);
  });
});
