import type { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';

import { MemoryConnection } from '../../../src/testing/world/memory-connection.ts';
import type { PathConditions } from '../../../src/testing/world/network-path.ts';
import { A, B, smallInternet } from '../../support/small-internet.ts';

const AT_A = { host: A.address, port: 1 };
const AT_B = { host: B.address, port: 2 };
const MIB = 1024 * 1024;

const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i);

function connect(own: Partial<PathConditions> = {}) {
  const small = smallInternet();
  let closed = 0;
  const delivered: (number | null)[] = [];
  const conditions: PathConditions = {
    clock: small.clock,
    delayMs: () => 10,
    bytesPerSecond: () => Number.POSITIVE_INFINITY,
    bufferBytes: () => 64 * 1024,
    pieceBytes: () => Number.POSITIVE_INFINITY,
    isCut: () => small.internet.isCut(A.address, B.address),
    afterPartition: (run) => small.internet.afterPartition(run),
    onDelivered: (piece) => delivered.push(piece === null ? null : piece.length),
    ...own,
  };
  const connection = new MemoryConnection(
    { a: { local: AT_A, remote: AT_B }, b: { local: AT_B, remote: AT_A } },
    { aToB: conditions, bToA: conditions },
    () => {
      closed += 1;
    },
  );
  const { a, b } = connection;
  return { ...small, connection, delivered, a: a.duplex, b: b.duplex, closed: () => closed };
}

/** The events of one end, as texts. */
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

describe('bytes', () => {
  test('arrive after the latency, in both directions', async () => {
    const { a, b, connection, pass } = connect();
    const [atA, atB] = [heard(a), heard(b)];
    a.write(bytes(3));
    b.write(bytes(2));
    await pass(9);
    expect([...atA.log, ...atB.log]).toEqual([]);
    await pass(1);
    expect([atA.bytes, atB.bytes]).toEqual([
      [0, 1],
      [0, 1, 2],
    ]);
    expect(connection.delivered).toEqual({ aToB: 3, bToA: 2 });
  });

  test('never overtake earlier bytes', async () => {
    const delays = [50, 1, 1];
    const { a, b, clock, pass } = connect({ delayMs: () => delays.shift() ?? 1 });
    const atB = heard(b);
    for (const byte of [1, 2, 3]) {
      a.write(Uint8Array.of(byte));
      await pass(0);
    }
    await pass(49);
    expect(atB.bytes).toEqual([]);
    await pass(1);
    expect([atB.bytes, clock.pending]).toEqual([[1, 2, 3], 0]);
  });

  test('arrive in chunks with the setting pieceBytes', async () => {
    const lengths = [4, 1, 0, 9];
    const { a, b, pass } = connect({ pieceBytes: () => lengths.shift() ?? 9 });
    const atB = heard(b);
    a.write(bytes(10));
    await pass(10);
    expect(atB.log).toEqual(['4 bytes', '1 bytes', '1 bytes', '4 bytes']);
    expect(atB.bytes).toEqual([...bytes(10)]);
  });

  test('take the time that the bandwidth needs', async () => {
    const { a, b, pass } = connect({ bytesPerSecond: () => 1_000, pieceBytes: () => 100 });
    const atB = heard(b);
    a.write(bytes(200));
    await pass(109);
    expect(atB.log).toEqual([]);
    await pass(1);
    expect(atB.log).toEqual(['100 bytes']);
    await pass(100);
    expect(atB.log).toEqual(['100 bytes', '100 bytes']);
  });

  test('are copied', async () => {
    const { a, b, pass } = connect();
    const atB = heard(b);
    const written = bytes(3);
    a.write(written);
    written.fill(9);
    await pass(10);
    expect(atB.bytes).toEqual([0, 1, 2]);
  });
});

describe('a reader', () => {
  test('that does not read blocks the sender', async () => {
    const { a, b, connection, pass } = connect();
    let hasDrained = false;
    a.on('drain', () => {
      hasDrained = true;
    });
    for (let chunk = 0; chunk < 64; chunk += 1) a.write(new Uint8Array(MIB / 64));
    await pass(1_000);
    expect(hasDrained).toBe(false);
    expect(a.writableLength).toBeGreaterThan(MIB / 2);
    expect(connection.delivered.aToB).toBeLessThan(MIB / 4);
    b.resume();
    await pass(1_000);
    expect(hasDrained).toBe(true);
    expect(connection.delivered.aToB).toBe(MIB);
  });

  test('that is frozen reads nothing until it is thawed', async () => {
    const { a, b, connection, pass } = connect();
    const atB = heard(b);
    connection.freeze('aToB');
    a.write(bytes(3));
    await pass(1_000);
    expect(atB.log).toEqual([]);
    connection.thaw('aToB');
    await pass(0);
    expect(atB.bytes).toEqual([0, 1, 2]);
  });

  test('that is frozen can be destroyed', async () => {
    const { a, b, connection, pass, clock } = connect();
    const atA = heard(a);
    connection.freeze('aToB');
    a.write(bytes(3));
    b.destroy();
    await pass(1_000);
    expect(atA.log).toEqual(['ECONNRESET', 'close']);
    expect(clock.pending).toBe(0);
  });
});

describe('the end of a stream', () => {
  test('arrives after the earlier bytes and closes both ends', async () => {
    const { a, b, clock, delivered, pass, closed } = connect();
    const [atA, atB] = [heard(a), heard(b)];
    a.end(bytes(3));
    await pass(9);
    expect([atB.log, closed()]).toEqual([[], 0]);
    await pass(11);
    expect(atB.log).toEqual(['3 bytes', 'end', 'close']);
    expect(atA.log).toEqual(['end', 'close']);
    expect([delivered, clock.pending, closed()]).toEqual([[3, null, null], 0, 1]);
  });

  test('of a destroyed end arrives as FIN, and writes to it are answered with a reset', async () => {
    const { a, b, pass } = connect();
    const atB = heard(b);
    b.write(bytes(1));
    a.destroy();
    await pass(10);
    expect(atB.log).toEqual(['ECONNRESET', 'close']);
  });

  test('leaves no timer when both ends are destroyed at once', async () => {
    const { a, b, clock, pass, closed } = connect();
    a.write(bytes(3));
    a.destroy();
    b.destroy();
    await pass(0);
    expect([clock.pending, closed()]).toEqual([0, 1]);
  });
});

describe('a cut', () => {
  test('resets both ends at an exact byte', async () => {
    const { a, b, connection, clock, pass, closed } = connect();
    const [atA, atB] = [heard(a), heard(b)];
    connection.cut('reset', 4, 'aToB');
    a.write(bytes(10));
    await pass(10);
    expect([atA.log, atB.log]).toEqual([
      ['ECONNRESET', 'close'],
      ['4 bytes', 'ECONNRESET', 'close'],
    ]);
    expect(connection.delivered.aToB).toBe(4);
    expect([clock.pending, closed()]).toEqual([0, 1]);
  });

  test('sends FIN at an exact byte and drops later bytes', async () => {
    const { a, b, connection, pass } = connect();
    const atB = heard(b);
    connection.cut('fin', 4, 'aToB');
    a.write(bytes(10));
    await pass(10);
    expect(atB.bytes).toEqual([0, 1, 2, 3]);
    expect(atB.log.slice(-2)).toEqual(['end', 'close']);
  });

  test('sends FIN and drops bytes that are on their way', async () => {
    const { a, b, connection, pass } = connect();
    const [atA, atB] = [heard(a), heard(b)];
    a.write(bytes(3));
    connection.cut('fin', 0, 'aToB');
    await pass(20);
    expect(atB.log).toEqual(['end', 'close']);
    expect(atA.log).toEqual(['end', 'close']); // not answered with a reset
  });

  test('stalls both directions, and every write appears to succeed', async () => {
    const { a, b, connection, clock, pass } = connect();
    const [atA, atB] = [heard(a), heard(b)];
    connection.cut('stall', 4, 'aToB');
    a.write(bytes(10));
    await pass(10);
    b.write(bytes(1));
    a.write(new Uint8Array(MIB));
    await pass(1_000);
    expect([atA.log, atB.bytes, a.writableLength, clock.pending]).toEqual([[], [0, 1, 2, 3], 0, 0]);
  });

  test('that stalls completes a waiting write', async () => {
    const { a, connection, pass } = connect();
    for (let chunk = 0; chunk < 4; chunk += 1) a.write(new Uint8Array(MIB / 8));
    await pass(100);
    expect(a.writableLength).toBeGreaterThan(0);
    connection.cut('stall', 0, 'aToB');
    await pass(0);
    expect(a.writableLength).toBe(0);
  });

  test('at a byte already delivered happens without time passing, but not synchronously', async () => {
    const { a, connection, pass } = connect();
    connection.cut('reset', 0, 'bToA');
    expect(a.destroyed).toBe(false);
    await pass(0);
    expect(a.destroyed).toBe(true);
  });
});

describe('a partition', () => {
  test('that has ended leaves no timer when both ends are destroyed', async () => {
    const { a, b, clock, internet, pass } = connect();
    internet.partition([[A.address]]);
    a.write(bytes(2));
    await pass(10);
    internet.heal();
    expect(clock.pending).toBe(1);
    a.destroy();
    b.destroy();
    await pass(0);
    expect(clock.pending).toBe(0);
  });

  test('delays bytes until it ends, in order', async () => {
    const { a, b, internet, pass } = connect();
    const atB = heard(b);
    a.write(bytes(2));
    internet.partition([[A.address]]);
    await pass(500);
    a.end(Uint8Array.of(9));
    await pass(500);
    expect(atB.log).toEqual([]);
    internet.heal();
    await pass(10);
    expect(atB.bytes).toEqual([0, 1, 9]);
    expect(atB.log.at(-2)).toBe('end');
  });

  test('leaves no callback after the connection closed', async () => {
    const { a, b, internet, clock, pass } = connect();
    a.write(bytes(2));
    internet.partition([[A.address]]);
    await pass(500);
    a.destroy();
    b.destroy();
    await pass(0);
    internet.heal();
    expect(clock.pending).toBe(0);
  });
});

test('resetting one end makes both ends fail and close', async () => {
  const { a, b, pass, closed } = connect();
  const codes: (string | undefined)[] = [];
  for (const end of [a, b]) end.on('error', ({ code }: NodeJS.ErrnoException) => codes.push(code));
  (a as Duplex & { resetAndDestroy(): void }).resetAndDestroy();
  await pass(0);
  expect(codes).toEqual(['ECONNRESET', 'ECONNRESET']);
  expect([a.destroyed, b.destroyed, closed()]).toEqual([true, true, 1]);
});
