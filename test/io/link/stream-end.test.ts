import { describe, expect, test } from 'vitest';
import type { Closed } from '../../../src/io/link/link-events.ts';
import { StreamEnd } from '../../../src/io/link/stream-end.ts';
import { StreamReader } from '../../../src/io/link/stream-reader.ts';
import { Traffic } from '../../../src/io/link/traffic.ts';
import { memoryPair } from '../../support/memory-stream.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

function newEnd() {
  const pair = memoryPair();
  const { duplex } = pair.b;
  const streamReader = new StreamReader(duplex, new StepClock(), new Traffic().stream, () => {});
  /** Each byte that was read, and how the stream ended. */
  const story: (number | Closed['how'])[] = [];
  const end = new StreamEnd(duplex, streamReader, ({ how }) => story.push(how));
  const takeOne = (chunk: Uint8Array): number => {
    story.push(chunk[0]!);
    return 1;
  };
  const farewell = (bytes: number): void => {
    pair.a.duplex.end(Uint8Array.from({ length: bytes }, (_, i) => i));
  };
  return { pair, duplex, streamReader, end, story, takeOne, farewell };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('R7: an orderly end', () => {
  test('is reported after every byte before it, however many turns that takes', async () => {
    const { streamReader, story, takeOne, farewell, end } = newEnd();
    farewell(100);
    await turns(); // all of it is there, and so is the end, before anybody reads
    streamReader.read(takeOne);
    await turns(2);
    expect(story).not.toContain('closed');
    expect(end.reported).toBeNull();
    await turns();
    expect(story).toEqual([...upTo(100), 'closed']);
    expect(end.reported).toEqual({ type: 'link.closed', how: 'closed', detail: '' });
  });

  test('waits while reading is held back', async () => {
    const { streamReader, story, takeOne, farewell } = newEnd();
    farewell(3);
    await turns();
    streamReader.read((chunk) => {
      streamReader.hold();
      return takeOne(chunk);
    });
    await turns();
    expect(story).toEqual([0]);
    streamReader.read(takeOne);
    await turns();
    expect(story).toEqual([0, 1, 2, 'closed']);
  });

  test('is reported at once when nothing is left to read', async () => {
    const { streamReader, story, takeOne, farewell } = newEnd();
    streamReader.read(takeOne);
    farewell(0);
    await turns();
    expect(story).toEqual(['closed']);
  });

  test('is reported once the reader of the last byte has returned', async () => {
    const { streamReader, story, farewell } = newEnd();
    farewell(2);
    await turns();
    streamReader.read((chunk) => {
      story.push(chunk.length);
      return chunk.length;
    });
    await turns();
    expect(story).toEqual([2, 'closed']);
  });
});

describe('a reset', () => {
  test('is reported at once: unread bytes are lost with it', async () => {
    const { pair, streamReader, story, takeOne } = newEnd();
    pair.a.duplex.write(Uint8Array.of(0, 1, 2));
    await turns();
    streamReader.read((chunk) => {
      streamReader.hold();
      return takeOne(chunk);
    });
    await turns(1);
    pair.cut('reset', 0, 'aToB');
    await turns();
    expect(story).toEqual([0, 'reset']);
  });

  test('is reported once, with the error of the system', async () => {
    const { pair, streamReader, story, takeOne, end } = newEnd();
    streamReader.read(takeOne);
    pair.cut('reset', 0, 'aToB');
    await turns();
    expect(story).toEqual(['reset']);
    expect(end.reported).toMatchObject({ how: 'reset', detail: 'read ECONNRESET' });
  });
});

test('R9: after release nothing is reported and no listener is left', async () => {
  const { duplex, streamReader, end, story, takeOne, farewell } = newEnd();
  const listening = ['end', 'error', 'close'].map((type) => duplex.listenerCount(type));
  end.detach();
  expect(['end', 'error', 'close'].map((type) => duplex.listenerCount(type))).toEqual(
    listening.map((count) => count - 1),
  );
  streamReader.read(takeOne);
  farewell(1);
  await turns();
  expect(story).toEqual([0]);
});
