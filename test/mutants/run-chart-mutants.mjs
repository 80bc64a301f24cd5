/**
 * Removes every transition, guard and delay of every machine, one at a time, and says which removals no behaviour test
 * notices. First come the tests of that machine; what survives them meets the tests of whole servers.
 * `npm run chart-mutants -- [ids of machines] [--only <text in the name>] [--part 1/2] [--verbose]`
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createViteServer, createVitest } from 'vitest/node';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Look at the charts themselves, not at what they do. */
const NO_BEHAVIOUR = ['test/machines/shape.test.ts', 'test/machines/leaves.test.ts'];

/** Slow, and for whole servers: these come second. */
const SECOND = ['test/machines/server-invariants.test.ts'];

/** Servers with all that is in them. */
const WORLDS = [
  'test/peers.test.ts',
  'test/setups.test.ts',
  'test/dials.test.ts',
  'test/run-loop.test.ts',
  'test/server.test.ts',
  'test/pair.test.ts',
  'test/crossed-dials.test.ts',
  'test/crowd.test.ts',
  'test/replaced.test.ts',
  'test/turned-away.test.ts',
  'test/trust.test.ts',
  'test/dial-options.test.ts',
  'test/dial-policies.test.ts',
  'test/peer-quirks.test.ts',
  'test/server-trouble.test.ts',
  'test/scenarios/untested-lifecycle.test.ts',
  'test/scenarios/geth-server.test.ts',
  'test/handshake-cuts.test.ts',
  ...SECOND,
];

/** What may survive, and why: by the name of its machine and its own. */
const SURVIVORS = {};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    part: { type: 'string', default: '1/1' },
    stage: { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
  },
});

const mutants = await listed();
const vitest = await createVitest('test', {
  root: ROOT,
  config: `${ROOT}vitest.chart-mutants.config.ts`,
  watch: false,
  reporters: [{}],
});
const project = vitest.getRootProject();

const unknown = Object.keys(SURVIVORS).filter((name) => !mutants.all.some((m) => m.name === name));
for (const name of unknown) fail(`no such removal: ${name}`);
for (const id of [...new Set(mutants.chosen.map(({ machine }) => machine))]) {
  const failure = await firstFailure(filesOf(id), null);
  if (failure) fail(`${id}: its tests fail without any removal: ${failure}`);
}

const [part, parts] = values.part.split('/').map(Number);
const tallies = new Map();
for (const [index, mutant] of mutants.chosen.entries()) {
  if (index % parts !== part - 1) continue;
  const tally = tallies.get(mutant.machine) ?? { removed: 0, caught: 0, listed: 0 };
  tallies.set(mutant.machine, tally);
  tally.removed += 1;
  const failure =
    (await firstFailure(filesOf(mutant.machine), mutant)) ??
    (values.stage === '2' ? await firstFailure(WORLDS, mutant) : undefined);
  const reason = SURVIVORS[mutant.name];
  if (failure) tally.caught += 1;
  else if (reason) tally.listed += 1;
  if (failure && values.verbose) say(`caught    ${mutant.name}\n          by ${failure}`);
  if (failure && reason) fail(`caught, yet listed as a survivor: ${mutant.name}`);
  if (!failure && reason) say(`survives  ${mutant.name}: ${reason}`);
  if (!failure && !reason) fail(`survives  ${mutant.name}`);
}
for (const [id, { removed, caught, listed }] of tallies)
  say(`${id}: ${removed} removed, ${caught} caught, ${listed} survive with a reason`);
await vitest.close();

/** Every removal, and those that were asked for. */
async function listed() {
  const vite = await createViteServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, ws: false },
  });
  const exported = Object.values(await vite.ssrLoadModule('/src/machines.ts'));
  const { removalsOf } = await vite.ssrLoadModule('/test/mutants/remove-from-chart.ts');
  await vite.close();
  const all = exported
    .filter((value) => value.root && value.config)
    .flatMap(({ id, config, implementations }) =>
      removalsOf(config, Object.keys(implementations.delays)).map((removal) => ({
        machine: id,
        removal,
        name: `${id}: ${removal.name}`,
      })),
    );
  const chosen = all.filter(
    ({ machine, name }) =>
      (positionals.length === 0 || positionals.includes(machine)) && name.includes(values.only),
  );
  return { all, chosen };
}

function filesOf(machine) {
  return readdirSync(`${ROOT}test/machines`)
    .filter((file) => file === `${machine}.test.ts` || file.startsWith(`${machine}-`))
    .map((file) => `test/machines/${file}`)
    .filter((file) => ![...NO_BEHAVIOUR, ...SECOND].includes(file));
}

/** Runs these tests without that part of that machine. Nothing when they pass. */
async function firstFailure(files, mutant) {
  project.provide('removed', mutant && { machine: mutant.machine, removal: mutant.removal });
  const specifications = files.map((file) => project.createSpecification(`${ROOT}${file}`));
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, true);
  for (const testModule of testModules) {
    for (const test of testModule.children.allTests('failed'))
      return `${testModule.relativeModuleId}: ${test.fullName}: ${test.result().errors?.[0]?.message.split('\n')[0]}`;
    const [error] = testModule.errors();
    if (error) return `${testModule.relativeModuleId}: ${error.message}`;
    if (testModule.state() === 'failed') return `${testModule.relativeModuleId}: failed`;
  }
  return unhandledErrors[0] && `unhandled: ${unhandledErrors[0].message}`;
}

function say(sentence) {
  process.stdout.write(`${sentence}\n`);
}

function fail(sentence) {
  say(sentence);
  process.exitCode = 1;
}
