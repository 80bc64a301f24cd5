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
  const whole = await firstFailure(vitest, machine, {
    name: 'nothing',
    kind: 'transition',
    place: [],
  });
  if (whole) return fail(`${machine}: its tests fail when nothing is removed\n          ${whole}`);
  const counts = { caught: 0, survivors: 0 };
  for (const { name, removal } of removed) {
    const failure = await firstFailure(vitest, machine, removal);
    const reason = SURVIVORS[name];
    counts[failure ? 'caught' : 'survivors'] += 1;
    if (failure && reason) fail(`caught, though listed as a survivor: ${name}`);
    else if (failure && values.verbose) say(`caught    ${name}\n          by ${failure}`);
    else if (!failure && reason) say(`survives  ${name}: ${reason}`);
    else if (!failure) fail(`survives  ${name}`);
  }
  say(
    `${machine}: ${removed.length} removed, ${counts.caught} caught, ${counts.survivors} survive`,
  );
}

/** Runs the tests of a machine without that part of it. Nothing when they pass. */
async function firstFailure(vitest, machine, removal) {
  const project = vitest.getRootProject();
  project.provide('removed', { machine, removal });
  const files = readdirSync(`${ROOT}test/machines`, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => basename(path) === `${machine}.test.ts` || basename(path).startsWith(`${machine}-`),
    )
    .filter((path) => basename(path) !== LEFT_OUT);
  if (files.length === 0) throw new Error(`${machine} has no tests`);
  const specifications = files.map((path) =>
    project.createSpecification(`${ROOT}test/machines/${path}`),
  );
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, true);
  for (const testModule of testModules) {
    const [test] = testModule.children.allTests('failed');
    const [error] = test?.result().errors ?? testModule.errors();
    if (test || error)
      return `${testModule.relativeModuleId}: ${test?.fullName ?? ''}: ${error?.message.split('\n')[0]}`;
  }
  return unhandledErrors[0] && `unhandled: ${unhandledErrors[0].message}`;
}

function say(sentence) {
  process.stdout.write(`${sentence}\n`);
}

function fail(sentence) {
  say(sentence);
  isGood = false;
}
