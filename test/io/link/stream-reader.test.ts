import { describe, expect, test } from 'vitest';

import { type Reader, StreamReader } from '../../../src/io/link/stream-reader.ts';
import { Traffic } from '../../../src/io/link/traffic.ts';
import { memoryPair } from '../../support/memory-stream.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

function newStreamReader(chunkBytes?: number) {
  const clock = new StepClock();
  const pair = memoryPair(chunkBytes === undefined ? {} : { chunkBytes });
  const { a, b, delivered } = pair;
  const faults: unknown[] = [];
  const traffic = new Traffic().stream;
  const streamReader = new StreamReader(b.duplex, clock, traffic, (error) => faults.push(error));
  const say = (...bytes: number[]) => a.duplex.write(Uint8Array.from(bytes));
  return {
    streamReader,
    clock,
    faults,
    traffic,
    say,
    remote: a.duplex,
    duplex: b.duplex,
    delivered,
  };
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

describe('without a reader, while it watches for the end', () => {
  test('the end is noticed, and one chunk is kept for the next reader', async () => {
    const { streamReader, say, duplex, remote } = newStreamReader();
    streamReader.read(taking(1, []));
    streamReader.watch();
    say(1, 2);
    await turns();
    expect(duplex.isPaused()).toBe(true);
    const got: number[][] = [];
    streamReader.read(taking(2, got));
    await turns();
    expect(got).toEqual([[1, 2]]);
    streamReader.watch();
    let hasEnded = false;
    duplex.on('end', () => {
      hasEnded = true;
    });
    remote.end();
    await turns();
    expect(hasEnded).toBe(true);
  });

  test('a remote that goes on sending is held back', async () => {
    const { streamReader, remote, delivered } = newStreamReader();
    streamReader.watch();
    for (let i = 0; i < 64; i += 1) remote.write(new Uint8Array(16 * 1024));
    await turns();
    expect(remote.writableLength).toBeGreaterThan(512 * 1024);
    expect(delivered.aToB).toBeLessThan(256 * 1024);
  });

  test('it ends with stop()', async () => {
    const { streamReader, remote, duplex } = newStreamReader();
    streamReader.watch();
    streamReader.stop();
    remote.end();
    await turns();
    expect(duplex.readableEnded).toBe(false);
  });
});

describe('what is read', () => {
  test('nothing without a command: the remote is held back', async () => {
    const { remote, delivered } = newStreamReader();
    for (let i = 0; i < 64; i += 1) remote.write(new Uint8Array(16 * 1024));
    await turns();
    expect(remote.writableLength).toBeGreaterThan(512 * 1024);
    expect(delivered.aToB).toBeLessThan(128 * 1024);
  });

  test('by one reader, message by message', async () => {
    const { streamReader, say, traffic } = newStreamReader();
    const got: number[][] = [];
    streamReader.read(taking(2, got));
    say(1, 2, 3, 4);
    say(5);
    await turns();
    expect(got).toEqual([[1, 2], [3, 4], [5]]);
    expect(traffic).toEqual({ ingress: 5, egress: 0 });
  });

  test('by the next reader alone once there is one', async () => {
    const { streamReader, say } = newStreamReader();
    const [first, second]: [number[][], number[][]] = [[], []];
    streamReader.read(taking(1, first));
    say(1);
    await turns();
    streamReader.read(taking(1, second));
    say(2);
    await turns();
    expect([first, second]).toEqual([[[1]], [[2]]]);
  });

  test('what a reader leaves of a chunk is where the next one begins', async () => {
    const { streamReader, say } = newStreamReader();
    const [first, second]: [number[][], number[][]] = [[], []];
    streamReader.read(taking(2, first, () => streamReader.stop()));
    say(1, 2, 3, 4, 5);
    await turns();
    expect(first).toEqual([[1, 2]]);
    streamReader.read(taking(3, second));
    await turns();
    expect(second).toEqual([[3, 4, 5]]);
  });

  test('a reader may name the next one itself', async () => {
    const { streamReader, say } = newStreamReader();
    const [first, second]: [number[][], number[][]] = [[], []];
    streamReader.read(taking(1, first, () => streamReader.read(taking(1, second))));
    say(1, 2, 3);
    await turns();
    expect([first, second]).toEqual([[[1]], [[2], [3]]]);
  });

  test('nothing after a stop, and all of it when reading goes on', async () => {
    const { streamReader, say } = newStreamReader();
    const got: number[][] = [];
    streamReader.read(taking(1, got));
    streamReader.stop();
    say(1, 2);
    await turns();
    expect(got).toEqual([]);
    streamReader.read(taking(1, got));
    await turns();
    expect(got).toEqual([[1], [2]]);
  });
});

describe('F12, R12: reading in turns', () => {
  test('a link that is flooded lets another have its turn after 16 messages', async () => {
    const [flooded, other] = [newStreamReader(), newStreamReader()];
    const log: string[] = [];
    const note = (who: string): Reader => taking(1, [], () => void log.push(who));
    flooded.streamReader.read(note('flooded'));
    other.streamReader.read(note('other'));
    flooded.say(...flood(100));
    other.say(1);
    await turns();
    expect(log).toHaveLength(101);
    expect(log.indexOf('other')).toBe(16);
  });

  test('each turn has 16 messages, and none is lost', async () => {
    const { streamReader, say } = newStreamReader();
    const perTurn: number[] = [];
    let inThisTurn = 0;
    streamReader.read(() => {
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
    const [flooded, other] = [newStreamReader(1), newStreamReader()];
    const log: string[] = [];
    const note = (who: string): Reader => taking(1, [], () => void log.push(who));
    flooded.streamReader.read(note('flooded'));
    other.streamReader.read(note('other'));
    flooded.say(...flood(100));
    other.say(1);
    await turns(200);
    expect(log).toHaveLength(101);
    expect(log.indexOf('other')).toBeLessThanOrEqual(16);
  });

  test('a turn ends after 5 ms even with fewer messages', async () => {
    const [slow, other] = [newStreamReader(), newStreamReader()];
    const log: string[] = [];
    slow.streamReader.read(
      taking(1, [], () => {
        slow.clock.advance(3);
        log.push('slow');
      }),
    );
    other.streamReader.read(taking(1, [], () => void log.push('other')));
    slow.say(...flood(10));
    other.say(1);
    await turns();
    expect(log).toHaveLength(11);
    expect(log.indexOf('other')).toBe(2);
  });
});

describe('holding', () => {
  test('the reader stays and gets nothing until it is released', async () => {
    const { streamReader, say } = newStreamReader();
    const got: number[][] = [];
    streamReader.read(taking(1, got));
    streamReader.hold();
    say(1, 2);
    await turns();
    expect([streamReader.isHeld, got]).toEqual([true, []]);
    streamReader.release();
    await turns();
    expect([streamReader.isHeld, got]).toEqual([false, [[1], [2]]]);
  });

  test('in the middle of a chunk keeps the rest of it', async () => {
    const { streamReader, say } = newStreamReader();
    const got: number[][] = [];
    streamReader.read(taking(1, got, () => got.length === 2 && streamReader.hold()));
    say(1, 2, 3);
    await turns();
    expect(got).toEqual([[1], [2]]);
    streamReader.release();
    await turns();
    expect(got).toEqual([[1], [2], [3]]);
  });

  test('and releasing within one message changes nothing', async () => {
    const { streamReader, say } = newStreamReader();
    const got: number[][] = [];
    streamReader.read(
      taking(1, got, () => {
        streamReader.hold();
        streamReader.release();
      }),
    );
    say(1, 2, 3);
    await turns();
    expect(got).toEqual([[1], [2], [3]]);
  });

  test('a release without a hold does not start to read', async () => {
    const { streamReader, say } = newStreamReader();
    const got: number[][] = [];
    streamReader.read(taking(1, got));
    streamReader.stop();
    streamReader.release();
    say(1);
    await turns();
    expect(got).toEqual([]);
  });

  test('a new reader is not held', async () => {
    const { streamReader, say } = newStreamReader();
    const got: number[][] = [];
    streamReader.hold();
    streamReader.read(taking(1, got));
    say(1);
    await turns();
    expect(got).toEqual([[1]]);
  });
});

describe('a reader that cannot go on uses no turn of the event loop', () => {
  const pendingTurns = (): number =>
    process.getActiveResourcesInfo().filter((resource) => resource === 'Immediate').length;

  test('while it is held with bytes left over', async () => {
    const { streamReader, say } = newStreamReader();
    const got: number[][] = [];
    streamReader.read(taking(1, got, () => streamReader.hold()));
    say(1, 2, 3);
    await turns(5);
    expect([got, pendingTurns()]).toEqual([[[1]], 0]);
    streamReader.release();
    await turns(5);
    expect([got, pendingTurns()]).toEqual([[[1], [2]], 0]);
  });

  test('without a reader and with bytes left over', async () => {
    const { streamReader, say } = newStreamReader();
    const got: number[][] = [];
    streamReader.read(taking(1, got, () => streamReader.stop()));
    say(1, 2, 3);
    await turns(5);
    expect([got, pendingTurns()]).toEqual([[[1]], 0]);
  });

  test('after a reader that failed', async () => {
    const { streamReader, say, faults } = newStreamReader();
    streamReader.read(() => {
      throw new Error('broken');
    });
    say(1, 2, 3);
    await turns(5);
    expect([faults.length, pendingTurns()]).toEqual([1, 0]);
  });
});
