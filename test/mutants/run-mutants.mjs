/**
 * Runs the test of each mutant with its defect in place, and lists the defects that no test noticed: `npm run mutants`,
 * or with a part of an id after `--` for some of them, or `--part 1/2` for one of two processes that share the work. A
 * test that passes, times out, crashes or does not run at all has noticed nothing.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVitest } from 'vitest/node';

import { MUTANTS } from './mutants.mjs';

/** Longest test, in ms; one that waits longer has noticed nothing. */
const TEST_TIMEOUT_MS = 60_000;

/** How the message of a failed `expect`, or of a property made of them, begins. */
const BY_ASSERTION = /^(AssertionError: |Error: expected |Error: promise |Error: Property failed )/;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { part: { type: 'string', default: '1/1' } },
});
const [part, parts] = values.part.split('/').map(Number);
const chosen = MUTANTS.filter(({ id }) => id.includes(positionals[0] ?? '')).filter(
  (_, index) => index % parts === part - 1,
);

const vitest = await createVitest('test', {
  root: ROOT,
  config: join(ROOT, 'vitest.mutants.config.ts'),
  watch: false,
  reporters: [{}],
  testTimeout: TEST_TIMEOUT_MS,
  maxWorkers: 1,
});
const project = vitest.getRootProject();
const sound = await results(chosen);
const counts = { caught: 0, survived: 0 };
for (const mutant of chosen) {
  const verdict = await judge(mutant);
  const isCaught = verdict === 'caught';
  counts[isCaught ? 'caught' : 'survived'] += 1;
  say(`${isCaught ? 'caught  ' : 'SURVIVED'}  ${mutant.id}: ${mutant.test.join(' › ')}`);
  if (!isCaught) say(`          ${verdict}`);
}
await vitest.close();
say(`\n${counts.caught} caught, ${counts.survived} survived`);
process.exitCode = counts.caught > 0 && counts.survived === 0 ? 0 : 1; // the runner set it, for tests that were meant to fail

/** `caught`, or why that cannot be said. */
async function judge(mutant) {
  if (sound.get(keyOf(mutant.test))?.state !== 'passed') return 'its test does not pass without it';
  const file = join(ROOT, mutant.file);
  process.env.MUTANT = mutant.id;
  vitest.invalidateFile(file);
  const result = (await results([mutant])).get(keyOf(mutant.test));
  delete process.env.MUTANT;
  vitest.invalidateFile(file);
  if (!result) return 'its test did not run';
  if (result.state !== 'failed') return `its test ${result.state}`;
  const [{ name, message }] = result.errors;
  const text = `${name}: ${message}`;
  return BY_ASSERTION.test(text)
    ? 'caught'
    : `its test fails by no assertion: ${text.split('\n')[0]}`;
}

/** How the tests of these mutants end, and of no others. */
async function results(mutants) {
  const files = [...new Set(mutants.map(({ test: [file] }) => file))];
  const names = new Set(mutants.map(({ test: [, name] }) => escaped(name)));
  vitest.setGlobalTestNamePattern(new RegExp(`^(${[...names].join('|')})$`));
  const specifications = files.map((file) => project.createSpecification(join(ROOT, file)));
  const { testModules } = await vitest.runTestSpecifications(specifications);
  return new Map(
    testModules.flatMap(({ relativeModuleId, children }) =>
      [...children.allTests()].map((test) => [
        keyOf([relativeModuleId, test.fullName.replaceAll(' > ', ' ')]),
        test.result(),
      ]),
    ),
  );
}

function keyOf([file, name]) {
  return `${file} ${name}`;
}

function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
