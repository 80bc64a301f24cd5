/**
 * A process that opens and releases a data directory when its input says so. With `kill N before` it is killed, as by the
 * system, just before its N-th call of the file system from then on; with `kill N during` while that call is being done.
 */
import fs, { type FileHandle } from 'node:fs/promises';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { createInterface } from 'node:readline';
import { systemClock } from '../../src/io/process/clock.ts';
import { type DataDirectory, openDataDirectory } from '../../src/node/data-directory.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

let callsLeft = Number.POSITIVE_INFINITY;
let mode = 'before';

/** Node gives the same object to `import` and `require`; only the latter can be changed. */
const files = createRequire(import.meta.url)('node:fs/promises') as Record<string, unknown>;
const someFile = await fs.open(process.argv[1] ?? '');
const handle = Object.getPrototypeOf(someFile) as FileHandle & Record<string, unknown>;
await someFile.close();

for (const [owner, names] of [
  [files, ['mkdir', 'open', 'readdir', 'readFile', 'link', 'unlink', 'rm']],
  [handle, ['writeFile', 'readFile', 'sync', 'stat', 'close']],
] as const)
  for (const name of names) {
    const original = owner[name] as (this: unknown, ...args: unknown[]) => unknown;
    owner[name] = function (this: unknown, ...args: unknown[]) {
      callsLeft -= 1;
      if (callsLeft === 0 && mode === 'before') process.kill(process.pid, 'SIGKILL');
      const result = original.apply(this, args);
      if (callsLeft === 0) process.kill(process.pid, 'SIGKILL');
      return result;
    };
  }
syncBuiltinESMExports();

const opened: DataDirectory[] = [];

async function open(folder: string): Promise<void> {
  try {
    const directory = await openDataDirectory({
      ...{ folder, key: null, keyFile: null, allowReadableKey: false, clock: systemClock },
    });
    opened.push(directory);
    say(`opened ${directory.key.id}`);
  } catch (error) {
    say(`${(error as Error).name} ${(error as Error).message}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [word, first = '', second = ''] = line.split(' ');
  if (word === 'kill') {
    callsLeft = Number(first);
    mode = second;
  } else if (word === 'open') await open(first);
  else {
    await opened.pop()?.release();
    say('released');
  }
}
