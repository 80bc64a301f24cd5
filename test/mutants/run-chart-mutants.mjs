/**
 * Takes every transition, guard and delay out of every machine, one at a time, and says which of them the behaviour
 * tests of that machine do not miss. Run by hand: `npm run chart-mutants -- [ids of machines] [--only <part of a name>]
 * [--part 1/2] [--verbose]`; `--part` shares the work between processes, `--verbose` says which test noticed.
 */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { createViteServer, createVitest } from 'vitest/node';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Slow: its random events must not be needed to notice anything. */
const LEFT_OUT = 'server-invariants.test.ts';

/** Removals that no test must notice, with the reason, by printed name, such as `peer: running on stop`. */
const SURVIVORS = {};

/** How many are removed in one run, each with modules of its own. */
const TOGETHER = 30;

/** Errors that an earlier removal of the same run may have caused: what has one is tried alone. */
const UNCLEAR = [
  'different snapshots cannot be called at the same location', // an inline snapshot cannot differ twice
  'uncaught: ',
  'a promise rejection was not handled',
];

/** The tests must pass when nothing is removed. */
const NOTHING = { name: 'nothing', removal: { kind: 'transition', place: [] } };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    part: { type: 'string', default: '1/1' },
    verbose: { type: 'boolean', default: false },
  },
});
const [part, parts] = values.part.split('/').map(Number);

let isGood = true;
const mutants = await allMutants();
for (const name of Object.keys(SURVIVORS))
  if (!mutants.some((mutant) => mutant.name === name)) fail(`unknown   ${name}`);
const chosen = mutants
  .filter(({ machine }) => positionals.length === 0 || positionals.includes(machine))
  .filter(({ name }) => name.includes(values.only))
  .filter((_, index) => index % parts === part - 1);

for (const machine of new Set(chosen.map(({ machine }) => machine)))
  await judge(
    machine,
    chosen.filter((mutant) => mutant.machine === machine),
  );

process.exitCode = isGood ? 0 : 1; // the runner set it, for tests that were meant to fail

/** Every removal from every machine. */
async function allMutants() {
  const vite = await createViteServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, ws: false },
  });
  const exported = Object.values(await vite.ssrLoadModule('/src/exports/machines.ts'));
  const { removalsOf } = await vite.ssrLoadModule('/test/mutants/remove-from-chart.ts');
  await vite.close();
  return exported
    .filter(({ root, config }) => root && config)
    .flatMap(({ id, config, implementations }) =>
      removalsOf(config, Object.keys(implementations.delays)).map((removal) => ({
        machine: id,
        removal,
        name: `${id}: ${removal.name}`,
      })),
    );
}

/** With a runner of its own: one remembers the failures of other machines. */
async function judge(machine, removed) {
  const vitest = await createVitest('test', {
    root: ROOT,
    config: `${ROOT}vitest.chart-mutants.config.ts`,
    watch: false,
    reporters: [{}],
  });
  await judgeWith(vitest, machine, removed);
  await vitest.close();
}

async function judgeWith(vitest, machine, removed) {
  const found = testsOf(machine);
  const [whole] = await suitesOf(vitest, machine, [NOTHING], found);
  const flaw = failureIn(whole, true);
  if (flaw) return fail(`${machine}: its tests fail when nothing is removed\n          ${flaw}`);
  const files = quickestFirst(whole, found);
  const counts = { caught: 0, survivors: 0 };
  for (let first = 0; first < removed.length; first += TOGETHER) {
    const some = removed.slice(first, first + TOGETHER);
    const suites = await suitesOf(vitest, machine, [...some, NOTHING], files);
    if (failureIn(suites[some.length], true))
      fail(`${machine}: a removal has an effect on later tests`);
    for (const [index, mutant] of some.entries()) {
      const { name } = mutant;
      const failure =
        failureIn(suites[index], false) ?? (await failureAlone(vitest, machine, mutant, files));
      const reason = SURVIVORS[name];
      counts[failure ? 'caught' : 'survivors'] += 1;
      if (failure && reason) fail(`caught, though listed as a survivor: ${name}`);
      else if (failure && values.verbose) say(`caught    ${name}\n          by ${failure}`);
      else if (!failure && reason) say(`survives  ${name}: ${reason}`);
      else if (!failure) fail(`survives  ${name}`);
    }
  }
  say(
    `${machine}: ${removed.length} removed, ${counts.caught} caught, ${counts.survivors} survive`,
  );
}

function testsOf(machine) {
  const files = readdirSync(`${ROOT}test/machines`, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => basename(path) === `${machine}.test.ts` || basename(path).startsWith(`${machine}-`),
    )
    .filter((path) => basename(path) !== LEFT_OUT)
    .map((path) => `${ROOT}test/machines/${path}`);
  if (files.length === 0) throw new Error(`${machine} has no tests`);
  return files;
}

/** Most removals are noticed by several of these files. */
function quickestFirst(whole, files) {
  const tests = (file) => [...whole.children.suites()].find(({ name }) => name === file).children;
  const duration = (file) =>
    [...tests(file).allTests()].reduce((sum, test) => sum + (test.diagnostic()?.duration ?? 0), 0);
  return files.toSorted((one, other) => duration(one) - duration(other));
}

/** Of a run of its own, in which errors outside of tests count, too. */
async function failureAlone(vitest, machine, mutant, files) {
  const [suite, stray] = await suitesOf(vitest, machine, [mutant], files);
  return failureIn(suite, true) ?? (stray && `outside of its tests: ${stray.message}`);
}

/** Runs these tests without each of these parts. One suite for each, then the errors outside of the suites. */
async function suitesOf(vitest, machine, mutants, files) {
  const project = vitest.getRootProject();
  const removals = mutants.map(({ name, removal }) => ({ ...removal, name }));
  project.provide('removed', { machine, removals, files });
  const specification = project.createSpecification(`${ROOT}test/mutants/removed-parts.ts`);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
    [specification],
    true,
  );
  const [testModule] = testModules;
  const suites = [...testModule.children.suites()];
  return [
    ...mutants.map((mutant) => suites.find(({ name }) => name === mutant.name)),
    ...unhandledErrors,
    ...testModule.errors(),
  ];
}

function failureIn(suite, isAlone) {
  const [test] = suite?.children.allTests('failed') ?? [];
  const [error] = test?.result().errors ?? suite?.errors() ?? [];
  if (!test && !error) return undefined;
  if (!isAlone && UNCLEAR.some((words) => error?.message.includes(words))) return undefined;
  return `${test?.fullName ?? ''}: ${error?.message.split('\n')[0]}`;
}

function say(sentence) {
  process.stdout.write(`${sentence}\n`);
}

function fail(sentence) {
  say(sentence);
  isGood = false;
}
