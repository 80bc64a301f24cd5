/**
 * A process is killed at each step of its first start, 200 times in all: there is the whole key or none, and the one that
 * was there is never replaced. And: processes that want one data directory at the same time, some of which are killed.
 */
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { KeyFileError, loadNodeKey } from '../../src/server/node-key-file.ts';
import { SeededRandom } from '../../src/testing/world/seeded-random.ts';
import { scratch } from '../cli/scratch.ts';
import { bundledProgram, type RunningProgram, runProgram } from '../support/child-program.ts';

const KILLS = 200;

let program = '';

beforeAll(async () => {
  program = await bundledProgram('test/support/directory-user.ts');
  return () => rm(dirname(program), { recursive: true, force: true });
});

/** Null: there is no key. */
const idIn = (folder: string): Promise<string | null> =>
  loadNodeKey(join(folder, 'nodekey')).then(
    ({ id }) => id,
    (error: unknown) => {
      if (error instanceof KeyFileError && error.flaw === 'missing') return null;
      throw error;
    },
  );

test(`killed ${KILLS} times in its first start, a node has the whole key or none, and keeps the first one`, async () => {
  let kills = 0;
  let keptAfterKill = 0;
  for (let round = 0; kills < KILLS; round += 1) {
    const folder = join(await scratch(), 'data');
    let known: string | null = null;
    for (let call = 1; ; call += 1) {
      const user = runProgram(program);
      user.tell(`kill ${call} ${round % 2 === 0 ? 'before' : 'during'}`);
      user.tell(`open ${folder}`);
      const line = await user.next();
      const id = await idIn(folder);
      if (known !== null) expect(id).toBe(known);
      known = id;
      if (line !== null) {
        expect(line).toBe(`opened ${id}`); // it came to its end
        user.child.kill('SIGKILL');
        break;
      }
      kills += 1;
      if (id !== null) keptAfterKill += 1;
    }
    const next = runProgram(program);
    next.tell(`open ${folder}`);
    expect(await next.next()).toBe(`opened ${known}`); // a killed process holds no lock
    next.tell('release');
    expect(await next.next()).toBe('released');
    next.child.kill();
    expect((await readdir(folder)).sort()).toEqual(['LOCK', 'nodekey', 'nodes']);
    expect(await readdir(join(folder, 'LOCK'))).toEqual([]);
  }
  expect(keptAfterKill).toBeGreaterThan(0);
});

test('of five processes one at a time has a data directory, and a killed one does not keep it', async () => {
  const folder = join(await scratch(), 'data');
  const random = new SeededRandom(1);
  const users: RunningProgram[] = Array.from({ length: 5 }, () => runProgram(program));
  let id = '';
  for (let round = 0; round < 60; round += 1) {
    for (const user of users) user.tell(`open ${folder}`);
    const lines = await Promise.all(users.map((user) => user.next()));
    const holders = lines.flatMap((line, index) => (line?.startsWith('opened') ? [index] : []));
    expect(holders, lines.join('\n')).toHaveLength(1);
    const [holder = 0] = holders;
    const { pid } = users[holder]!.child;
    for (const [index, line] of lines.entries())
      if (index !== holder) expect(line).toMatch(/^DirectoryInUseError .* process \d+$/);
    id ||= lines[holder]!;
    expect(lines[holder]).toBe(id);
    if (random.between(0, 5) < 1) {
      users[holder]!.child.kill('SIGKILL');
      await once(users[holder]!.child, 'close');
      users[holder] = runProgram(program);
    } else {
      users[holder]!.tell('release');
      expect(await users[holder]!.next(), `process ${pid}`).toBe('released');
    }
  }
});
