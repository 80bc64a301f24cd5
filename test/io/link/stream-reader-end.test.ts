import { describe, expect, test } from 'vitest';

import { StreamReader } from '../../../src/io/link/stream-reader.ts';
import { Traffic } from '../../../src/io/link/traffic.ts';
import { memoryPair } from '../../support/memory-stream.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

function newStreamReader() {
  const { a, b } = memoryPair();
  const faults: unknown[] = [];
  const streamReader = new StreamReader(b.duplex, new StepClock(), new Traffic().stream, (error) =>
    faults.push(error),
  );
  const say = (...bytes: number[]) => a.duplex.write(Uint8Array.from(bytes));
  return { streamReader, faults, say, duplex: b.duplex };
}

describe('a reader that throws', () => {
  test('is reported once and reads no more', async () => {
    const { streamReader, faults, say } = newStreamReader();
    const fault = new Error('unreadable');
    let calls = 0;
    streamReader.read(() => {
      calls += 1;
      throw fault;
    });
    say(1, 2, 3);
    await turns();
    say(4);
    await turns();
    expect([faults, calls]).toEqual([[fault], 1]);
  });

  test('leaves its bytes to the next reader, if there is one', async () => {
    const { streamReader, say } = newStreamReader();
    streamReader.read(() => {
      throw new Error('unreadable');
    });
    say(1, 2, 3);
    await turns();
    const got: number[] = [];
    streamReader.read((chunk) => {
      got.push(...chunk);
      return chunk.length;
    });
    await turns();
    expect(got).toEqual([1, 2, 3]);
  });

  test('may be replaced before its fault is reported', async () => {
    const { a, b } = memoryPair();
    const got: number[] = [];
    const streamReader: StreamReader = new StreamReader(
      b.duplex,
      new StepClock(),
      new Traffic().stream,
      () =>
        streamReader.read((chunk) => {
          got.push(...chunk);
          return chunk.length;
        }),
    );
    streamReader.read(() => {
      throw new Error('unreadable');
    });
    a.duplex.write(Uint8Array.of(1, 2));
    await turns();
    expect(got).toEqual([1, 2]);
  });
});

describe('R9: letting go', () => {
  test('leaves no listener of ours, and the stream discards what arrives', async () => {
    const { a, b } = memoryPair();
    const before = b.duplex.eventNames();
    const streamReader = new StreamReader(
      b.duplex,
      new StepClock(),
      new Traffic().stream,
      () => {},
    );
    streamReader.read((chunk) => chunk.length);
    streamReader.detach();
    a.duplex.write(Uint8Array.of(1));
    await turns();
    expect(b.duplex.eventNames()).toEqual(before);
    expect(b.duplex.isPaused()).toBe(true);
  });

  test('cancels the turn that was to come', async () => {
    const { streamReader, say } = newStreamReader();
    let read = 0;
    streamReader.read(() => {
      read += 1;
      return 1;
    });
    say(...Array.from({ length: 100 }, () => 0));
    await turns(1);
    expect(read).toBe(16);
    streamReader.detach();
    await turns();
    expect(read).toBe(16);
  });

  test('forgets who waits for the last byte to be delivered', async () => {
    const { streamReader, say } = newStreamReader();
    let told = 0;
    streamReader.read((chunk) => {
      streamReader.whenDelivered(() => {
        told += 1;
      });
      streamReader.detach();
      return chunk.length;
    });
    say(1);
    await turns();
    expect(told).toBe(0);
  });

  test('is no fault when the reader does it itself, in the middle of a chunk', async () => {
    const { streamReader, faults, say } = newStreamReader();
    let read = 0;
    streamReader.read(() => {
      read += 1;
      streamReader.detach();
      return 1;
    });
    say(1, 2, 3);
    await turns();
    expect([read, faults]).toEqual([1, []]);
  });
});
