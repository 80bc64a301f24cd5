/** A process that writes to the node store is killed 200 times: the store always opens, with all that was saved. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

import { SeededRandom } from '../../src/testing/world/seeded-random.ts';
import { scratch } from '../cli/scratch.ts';
import { bundledProgram } from '../support/child-program.ts';

const CYCLES = 200;

type Saved = { readonly nodes: number; readonly seq: number };

/** Runs it until it has said this many lines, kills it, and returns all lines. */
async function killed(program: string, args: readonly string[], lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => {
    said.push(line);
    if (said.length === lines) child.kill('SIGKILL'); // in the middle of the next batch
  });
  await once(child, 'close');
  return said;
}

test('200 times killed while it writes, a store opens with all that was saved, and its sequence number never goes down', async () => {
  const random = new SeededRandom(1);
  const program = await bundledProgram('test/support/store-writer.ts');
  onTestFinished(() => rm(dirname(program), { recursive: true, force: true }));
  const folder = join(await scratch(), 'nodes');
  let saved: Saved = { nodes: 0, seq: 0 };
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    const lines = Math.floor(random.between(2, 6));
    const [opened = '', ...rest] = await killed(program, [folder, String(saved.seq)], lines);
    const [word, nodes, seq] = opened.split(' ');
    expect(word, opened).toBe('open');
    expect(Number(nodes)).toBeGreaterThanOrEqual(saved.nodes);
    expect(Number(seq === 'null' ? 0 : seq)).toBeGreaterThanOrEqual(saved.seq);
    const last = rest.at(-1)?.split(' ') ?? [];
    expect(last[0], rest.join()).toBe('saved');
    saved = { nodes: Number(last[1]), seq: Number(last[2]) };
  }
  expect(saved.nodes).toBeGreaterThan(CYCLES * 5);
}, 240_000);
