/**
 * Runs the test of each mutant with its defect in place, and lists the defects that no test noticed: `npm run mutants`,
 * or with a part of an id after `--` for some of them. A test that passes, times out, crashes or does not run at all
 * has noticed nothing.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { MUTANTS } from './mutants.mjs';

/** Processes at once. */
const PROCESSES = 2;

/** Longest run of one mutant, in ms: more than the slowest test and the start of Vitest. */
const MAX_RUN_MS = 60_000;

/** How the message of a failed `expect`, or of a property made of them, begins. */
const BY_ASSERTION = /^(AssertionError:|Error: expected |Error: promise |Error: Property failed )/;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const CONFIG = 'vitest.mutants.config.ts';

const wanted = process.argv[2] ?? '';
const mutants = MUTANTS.filter(({ id }) => id.includes(wanted));
const folder = await mkdtemp(join(tmpdir(), 'mutants-'));
try {
  const sound = await results('sound', mutants, {});
  const verdicts = await inParallel(mutants, async (mutant, index) => {
    const verdict = await judge(mutant, sound, `${index}`);
    say(
      `${verdict === 'caught' ? 'caught  ' : 'SURVIVED'}  ${mutant.id}: ${mutant.test.join(' › ')}`,
    );
    if (verdict !== 'caught') say(`          ${verdict}`);
    return verdict;
  });
  const caught = verdicts.filter((verdict) => verdict === 'caught').length;
  say(`\n${caught} caught, ${verdicts.length - caught} survived`);
  process.exitCode = caught > 0 && caught === verdicts.length ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}

/** `caught`, or why that cannot be said. */
async function judge(mutant, sound, name) {
  if (sound.get(keyOf(mutant))?.status !== 'passed') return 'its test does not pass without it';
  const test = (await results(name, [mutant], { MUTANT: mutant.id })).get(keyOf(mutant));
  if (!test) return 'its test did not run';
  if (test.status !== 'failed') return `its test ${test.status}`;
  const [message = ''] = test.failureMessages;
  if (!BY_ASSERTION.test(message))
    return `its test fails by no assertion: ${message.split('\n')[0]}`;
  return 'caught';
}

/** What became of the tests of these mutants, and of no others, in a process of its own. */
async function results(name, ofThese, env) {
  const output = join(folder, `${name}.json`);
  const files = new Set(ofThese.map(({ test: [file] }) => file));
  const names = new Set(ofThese.map(({ test: [, test] }) => escaped(test)));
  const args = ['run', '--config', CONFIG, `--maxWorkers=${env.MUTANT ? 1 : PROCESSES}`];
  args.push('--reporter=json', `--outputFile=${output}`, '-t', `^(${[...names].join('|')})$`);
  const child = spawn(process.execPath, [VITEST, ...args, ...files], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: 'ignore',
    timeout: env.MUTANT ? MAX_RUN_MS : 5 * MAX_RUN_MS,
  });
  await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
  const text = await readFile(output, 'utf8').catch(() => '{"testResults":[]}');
  return new Map(
    JSON.parse(text).testResults.flatMap(({ name: file, assertionResults }) =>
      assertionResults.map((test) => [`${file} ${test.fullName}`, test]),
    ),
  );
}

async function inParallel(items, run) {
  const verdicts = [];
  const left = [...items.entries()];
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [index, item] = next;
      verdicts[index] = await run(item, index);
    }
  };
  await Promise.all(Array.from({ length: PROCESSES }, worker));
  return verdicts;
}

function keyOf({ test: [file, name] }) {
  return `${join(ROOT, file)} ${name}`;
}

function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
