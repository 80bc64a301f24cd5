/** The README states figures; these are the places they come from. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULTS } from '../src/api/options.ts';
import { MAX_WAITING_BYTES } from '../src/io/link/message-router.ts';
import { MAX_UNSENT_BYTES } from '../src/io/link/write-queue.ts';
import { GUARANTEED_BYTES } from '../src/io/process/budget.ts';
import { MAX_FRAME_BYTES } from '../src/io/wire/frame-header.ts';
import { maxExpandedBytes } from '../src/io/wire/snappy.ts';
import { FAILURES, REFUSALS, REJECTIONS } from '../src/machines/connection/connection-endings.ts';

const MIB = 1024 * 1024;
/** What Node reads from a socket at once. */
const CHUNK_BYTES = 64 * 1024;
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
};

test('how many ways a connection has to end', () => {
  const ways = [REJECTIONS, REFUSALS, FAILURES].flatMap((table) => Object.keys(table)).length;
  expect(readme).toContain(`with ${ways} ways to end`);
});

test('the most that one peer can hold, in MiB, rounded to ten', () => {
  const incoming = MAX_WAITING_BYTES + 2 * MAX_FRAME_BYTES;
  const outgoing = 2 * MAX_UNSENT_BYTES;
  const rounded = Math.round((incoming + outgoing) / MIB / 10) * 10;
  expect(readme).toContain(`One peer can hold at most about ${rounded} MiB`);
});

test('the most that all peers can hold together, in MiB, rounded up to ten', () => {
  const { receiveBudgetBytes, sendBudgetBytes, maxPeers } = DEFAULTS;
  // at most one chunk was read beyond what there was room for: with the message in it, the rest, and what Node has
  const oneEach = 2 * GUARANTEED_BYTES + maxExpandedBytes(CHUNK_BYTES) + 2 * CHUNK_BYTES;
  const inTheMaking = 2 * MAX_FRAME_BYTES;
  const all = receiveBudgetBytes + sendBudgetBytes + maxPeers * oneEach + inTheMaking;
  expect(readme).toContain(`hold at most about ${Math.ceil(all / MIB / 10) * 10} MiB`);
  expect(readme).toContain(`the two budgets of ${receiveBudgetBytes / MIB} MiB`);
  expect(readme).toContain(`${(oneEach / MIB).toFixed(1)} MiB for each peer`);
  expect(sendBudgetBytes).toBe(receiveBudgetBytes);
});

test('our name in Hello carries the version of the package', () => {
  expect(DEFAULTS.name).toBe(`peerchart/${manifest.version}`);
});

test('every runtime dependency has its reason', () => {
  const section = /## Dependencies\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
  for (const name of Object.keys(manifest.dependencies)) expect(section).toContain(name);
});
