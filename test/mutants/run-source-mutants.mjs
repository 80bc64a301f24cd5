/**
 * Takes every clean-up and every limit out of the sources, one at a time, and says which of them the tests of that file
 * do not miss. Run by hand: `npm run source-mutants -- [part of a name]...`. A removal is caught when a test fails or
 * hangs. The tests of a file are those that mirror it, then those of `ALSO`.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

import { ALSO, SURVIVORS } from './source-survivors.mjs';

/** Processes at once. */
const PROCESSES = 2;

/** Longest run of the tests of one file, in ms: more than the slowest of them. */
const MAX_RUN_MS = 120_000;

/** Browser code, drawing and the demo keep nothing that lasts; the entry points are lists. */
const LEFT_OUT = /^src\/(inspect\/page|demo|charts|exports)\//;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

const wanted = process.argv.slice(2);
const all = await allRemovals();
const chosen = all.filter(
  ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
const tests = filesIn('test', '.test.ts');

const counts = { caught: 0, survived: 0, justified: 0 };
let isGood = true;
for (const name of Object.keys(SURVIVORS))
  if (!all.some((removal) => removal.name === name)) fail(`unknown   ${name}`);

const left = [...chosen];
await Promise.all(
  Array.from({ length: PROCESSES }, async () => {
    for (let removal = left.shift(); removal; removal = left.shift()) await judge(removal);
  }),
);
say(
  `\n${chosen.length} removed: ${counts.caught} caught, ${counts.justified} survive for a reason, ${counts.survived} survive`,
);
process.exitCode = isGood && chosen.length > 0 ? 0 : 1;

async function judge(removal) {
  const files = testsOf(removal.file);
  if (files.length === 0) return fail(`no tests  ${removal.file}`);
  const isCaught = !(await passes(files, removal));
  const reason = SURVIVORS[removal.name];
  if (isCaught && reason) fail(`caught, though listed as a survivor: ${removal.name}`);
  else if (isCaught) say(`caught    ${removal.name}`);
  else if (reason) say(`survives  ${removal.name}: ${reason}`);
  else fail(`SURVIVES  ${removal.name}`);
  counts[isCaught ? 'caught' : reason ? 'justified' : 'survived'] += 1;
}

/** Those beside it in `test`: `write-queue.test.ts` and `write-queue-stall.test.ts` for `write-queue.ts`. */
function testsOf(file) {
  const stem = file.replace(/^src\//, 'test/').replace(/\.ts$/, '');
  const mirrored = tests.filter(
    (path) => path === `${stem}.test.ts` || path.startsWith(`${stem}-`),
  );
  return [...mirrored, ...(ALSO[file] ?? [])];
}

function passes(files, removal) {
  const args = ['run', '--config', 'vitest.source-mutants.config.ts', ...files];
  const child = spawn(process.execPath, [VITEST, ...args], {
    cwd: ROOT,
    env: { ...process.env, REMOVAL: JSON.stringify(removal) },
    stdio: 'ignore',
    detached: true, // a group of its own: a worker in an endless loop outlives vitest
  });
  const timer = setTimeout(() => {
    say(`timed out ${removal.name}`);
    process.kill(-child.pid, 'SIGKILL');
  }, MAX_RUN_MS);
  return new Promise((resolve) =>
    child.on('exit', (code) => {
      clearTimeout(timer);
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {} // nothing of it is left
      resolve(code === 0);
    }),
  );
}

async function allRemovals() {
  const vite = await createViteServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, ws: false },
  });
  const { removalsIn } = await vite.ssrLoadModule('/test/mutants/source-removals.ts');
  await vite.close();
  return filesIn('src', '.ts')
    .filter((file) => !LEFT_OUT.test(file))
    .flatMap((file) => removalsIn(file, readFileSync(join(ROOT, file), 'utf8')));
}

function filesIn(folder, ending) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => `${folder}/${path}`)
    .sort();
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

function fail(line) {
  say(line);
  isGood = false;
}
