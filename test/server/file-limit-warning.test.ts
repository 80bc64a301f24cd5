import { pino } from 'pino';
import { expect, test } from 'vitest';

import { SPARE_FILES } from '../../src/server/file-limit-warning.ts';
import { World } from '../support/world.ts';

/** What a server with 10 peers and 5 handshakes says at its start when it may open so many files. */
async function warningsAt(files: number | (() => never)): Promise<object[]> {
  const lines: object[] = [];
  const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(JSON.parse(line)) });
  const world = new World();
  const openFiles = typeof files === 'number' ? () => files : files;
  const limits = { maxPeers: 10, maxPendingPeers: 5 };
  const a = world.add(1, { ...limits, logger, ports: { openFiles } });
  expect(lines).toEqual([]);
  await world.start(a);
  await world.end();
  return lines;
}

test('R5: a server that may need more files than it may open logs a warning with both numbers at its start', async () => {
  expect(SPARE_FILES).toBe(256);
  expect(await warningsAt(270)).toMatchObject([{ limit: 270, needed: 271 }]);
});

test('R5: a server with enough files logs no warning', async () => {
  expect(await warningsAt(271)).toEqual([]);
  expect(await warningsAt(Number.POSITIVE_INFINITY)).toEqual([]);
});

test('a server whose limit cannot be read starts, and logs that', async () => {
  const lines = await warningsAt(() => {
    throw new Error('no report');
  });
  expect(lines).toMatchObject([
    { msg: 'internal error', where: 'the openFiles port', error: 'no report' },
  ]);
});

test('without a logger the limit is not read, which takes some ms', async () => {
  let reads = 0;
  const openFiles = (): number => {
    reads += 1;
    return 1;
  };
  const world = new World();
  await world.start(world.add(1, { ports: { openFiles } }));
  await world.end();
  expect(reads).toBe(0);
});
