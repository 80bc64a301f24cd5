import type { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';

import { memoryPair } from './memory-stream.ts';
import { StepClock } from './step-clock.ts';
import { turns } from './turn.ts';

const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i);

/** Everything that happens at one end, as words. */
function heard(duplex: Duplex): { readonly log: string[]; readonly bytes: number[] } {
  const at = { log: [] as string[], bytes: [] as number[] };
  duplex
    .on('data', (chunk: Uint8Array) => {
      at.log.push(`${chunk.length} bytes`);
      at.bytes.push(...chunk);
    })
    .on('end', () => at.log.push('end'))
    .on('error', (error: NodeJS.ErrnoException) => at.log.push(`${error.code}`))
    .on('close', () => at.log.push('close'));
  return at;
}

describe('a memory pair', () => {
  test('carries bytes both ways, in order and in a later turn', async () => {
    const { a, b, delivered } = memoryPair();
    const [atA, atB] = [heard(a.duplex), heard(b.duplex)];
    a.duplex.write(bytes(3));
    b.duplex.write(bytes(2));
    expect([...atA.log, ...atB.log]).toEqual([]);
    await turns();
    expect([atA.bytes, atB.bytes]).toEqual([
      [0, 1],
      [0, 1, 2],
    ]);
    expect(delivered).toEqual({ aToB: 3, bToA: 2 });
  });

  test('cuts what is written into chunks', async () => {
    const { a, b } = memoryPair({ chunkBytes: 4 });
    const atB = heard(b.duplex);
    a.duplex.write(bytes(10));
    await turns();
    expect(atB.log).toEqual(['4 bytes', '4 bytes', '2 bytes']);
    expect(atB.bytes).toEqual([...bytes(10)]);
  });

  test('a sender waits for a reader that does not read, and drains when it does', async () => {
    const { a, b, delivered } = memoryPair();
    let drained = false;
    a.duplex.on('drain', () => {
      drained = true;
    });
    for (let i = 0; i < 64; i += 1) a.duplex.write(new Uint8Array(16 * 1024));
    await turns();
    expect(drained).toBe(false);
    expect(a.duplex.writableLength).toBeGreaterThan(512 * 1024);
    expect(delivered.aToB).toBeLessThan(256 * 1024);
    b.duplex.resume();
    await turns(200);
    expect(drained).toBe(true);
    expect(delivered.aToB).toBe(1024 * 1024);
  });

  test('an end is answered by an end, and both sides close', async () => {
    const { a, b } = memoryPair();
    const [atA, atB] = [heard(a.duplex), heard(b.duplex)];
    a.duplex.end(bytes(3));
    await turns();
    expect(atB.log).toEqual(['3 bytes', 'end', 'close']);
    expect(atA.log).toEqual(['end', 'close']);
  });

  test('a destroyed end sends FIN after its data', async () => {
    const { a, b } = memoryPair();
    const atB = heard(b.duplex);
    a.duplex.write(bytes(3));
    a.destroy();
    await turns();
    expect(atB.log).toEqual(['3 bytes', 'end', 'close']);
  });

  test('a write to a destroyed end is reset', async () => {
    const { a, b } = memoryPair();
    const atB = heard(b.duplex);
    b.duplex.pause();
    a.destroy();
    await turns();
    b.duplex.write(bytes(3));
    await turns();
    expect(atB.log).toEqual(['ECONNRESET', 'close']);
  });

  test('with latency, bytes arrive when the clock has advanced', async () => {
    const clock = new StepClock();
    const { a, b } = memoryPair({ clock, latencyMs: 50 });
    const atB = heard(b.duplex);
    a.duplex.write(bytes(3));
    await turns();
    clock.advance(49);
    await turns();
    expect(atB.log).toEqual([]);
    clock.advance(1);
    await turns();
    expect(atB.log).toEqual(['3 bytes']);
  });
});

describe('a cut', () => {
  test('as reset fails both ends after exactly so many bytes', async () => {
    const { a, b, cut, delivered } = memoryPair();
    const [atA, atB] = [heard(a.duplex), heard(b.duplex)];
    cut('reset', 5, 'aToB');
    a.duplex.write(bytes(3));
    a.duplex.write(bytes(3));
    await turns();
    expect(atB.log.slice(-2)).toEqual(['ECONNRESET', 'close']);
    expect(atB.bytes).toEqual([0, 1, 2, 0, 1]);
    expect(atA.log).toEqual(['ECONNRESET', 'close']);
    expect(delivered.aToB).toBe(5);
  });

  test('as fin ends the receiver after exactly so many bytes', async () => {
    const { a, b, cut } = memoryPair();
    const [atA, atB] = [heard(a.duplex), heard(b.duplex)];
    cut('fin', 5, 'bToA');
    b.duplex.write(bytes(8));
    await turns();
    expect(atA.log).toEqual(['5 bytes', 'end', 'close']);
    expect(atB.log).toEqual(['end', 'close']);
  });

  test('as stall lets nothing through in either direction, and writes seem to succeed', async () => {
    const { a, b, cut } = memoryPair();
    const [atA, atB] = [heard(a.duplex), heard(b.duplex)];
    cut('stall', 5, 'aToB');
    a.duplex.write(bytes(8));
    await turns();
    for (const { duplex } of [a, b]) duplex.write(new Uint8Array(1024 * 1024));
    await turns();
    expect(atB.bytes).toEqual([0, 1, 2, 3, 4]);
    expect(atA.log).toEqual([]);
    expect([a.duplex.writableLength, b.duplex.writableLength]).toEqual([0, 0]);
  });

  for (const kind of ['reset', 'fin'] as const)
    test(`as ${kind} after no bytes happens by itself`, async () => {
      const { b, a, cut } = memoryPair();
      const [atA, atB] = [heard(a.duplex), heard(b.duplex)];
      cut(kind, 0, 'aToB');
      await turns();
      expect([atA.log.at(-1), atB.log.at(-1)]).toEqual(['close', 'close']);
    });
});
