import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/io/process/clock.ts';
import { DirectoryInUseError, lockDirectory, lockHolder } from '../../src/node/directory-lock.ts';
import { scratch } from '../cli/scratch.ts';
import { turns } from '../support/turn.ts';

/** No system gives a process this number. Source: proc(5), pid_max is 2^22 at most. */
const NO_PROCESS = 4_194_305;
const TOKEN = 'ab'.repeat(8);

async function claimOf(
  directory: string,
  name: string,
  ...states: readonly string[]
): Promise<void> {
  await mkdir(join(directory, 'LOCK'), { recursive: true });
  for (const state of states) await writeFile(join(directory, 'LOCK', `${name}.${state}`), '');
}

test('one holder at a time, and nothing is left', async () => {
  const directory = await scratch();
  expect(await lockHolder(directory)).toBeNull();
  const lock = await lockDirectory(directory, systemClock);
  expect(await lockHolder(directory)).toBe(process.pid);
  const second = lockDirectory(directory, systemClock);
  await expect(second).rejects.toThrow(DirectoryInUseError);
  await expect(second).rejects.toThrow(`${directory} is in use by process ${process.pid}`);
  await lock.release();
  expect(await readdir(join(directory, 'LOCK'))).toEqual([]);
  await (await lockDirectory(directory, systemClock)).release();
});

test('of many that begin at once exactly one holds it', async () => {
  for (let round = 0; round < 20; round += 1) {
    const directory = await scratch();
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => lockDirectory(directory, systemClock)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  }
});

test('a process that has ended holds nothing, and what it left is removed', async () => {
  const directory = await scratch();
  await claimOf(directory, `${NO_PROCESS}-1-${TOKEN}`, 'claim', 'held');
  const lock = await lockDirectory(directory, systemClock);
  expect(await readdir(join(directory, 'LOCK'))).toHaveLength(2);
  await lock.release();
  expect(await readdir(join(directory, 'LOCK'))).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'another process with the number of one that has ended holds nothing',
  async () => {
    const directory = await scratch();
    await claimOf(directory, `${process.pid}-1-${TOKEN}`, 'claim', 'held');
    await (await lockDirectory(directory, systemClock)).release();
  },
);

test.runIf(process.platform === 'linux')(
  'a process that has ended and is not waited for holds nothing',
  async () => {
    const directory = await scratch();
    // its child ends at once, and `sleep`, which takes its place, never waits for it
    const parent = spawn('sh', ['-c', 'sh -c "exit 0" & echo $!; exec sleep 60']);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [output] = await once(parent.stdout, 'data');
    const child = Number(`${output}`);
    const stateOf = () => readFile(`/proc/${child}/stat`, 'latin1');
    while (!(await stateOf()).includes(') Z ')) await turns(1);
    await claimOf(directory, `${child}--${TOKEN}`, 'claim', 'held');
    await (await lockDirectory(directory, systemClock)).release();
  },
);

test('a claim that is never held nor withdrawn counts as held in the end', async () => {
  const directory = await scratch();
  await claimOf(directory, `99999999999-${TOKEN}`, 'claim'); // not one of ours
  await claimOf(directory, `${process.pid}--${'f'.repeat(16)}`, 'claim');
  let pauses = 0;
  const clock = {
    setTimeout: (run: () => void) => {
      pauses += 1;
      setImmediate(run);
    },
  };
  await expect(lockDirectory(directory, clock)).rejects.toThrow(DirectoryInUseError);
  expect(pauses).toBeLessThan(100);
});
