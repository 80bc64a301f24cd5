/**
 * peerchart beside @ethereumjs/devp2p (as published, and with TCP_NODELAY) and go-ethereum, in one run: two processes
 * for each, in turn, on loopback. Parts: setups, messages, memory, start, growth, limit; all of them by default.
 * Prints tables, and writes Markdown and JSON into `bench/results`. The load of the machine is in them: read the ratios.
 * Needs Go and `npm run build`. Usage: npm run bench -- [parts] [--quick] [--rounds 5] [--seconds 2]
 * [--arms 'peerchart;ethereumjs'] [--primitives portable], an option of each server of peerchart.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { measureGrowth } from './compare/growth.mjs';
import { addShares, measureLimit } from './compare/limit.mjs';
import { measureMemory } from './compare/memory.mjs';
import { measureMessages } from './compare/messages.mjs';
import { circumstances, markdownOf, READING } from './compare/report.mjs';
import { measureSetups } from './compare/setups.mjs';
import { arms, buildGethPeer, DIALS_FAST, startSide } from './compare/side.mjs';
import { measureStart } from './compare/start.mjs';

const PARTS = {
  setups: measureSetups,
  messages: measureMessages,
  memory: measureMemory,
  start: measureStart,
  growth: measureGrowth,
  limit: measureLimit,
};

/** To see that everything still works, not to judge speed. */
const QUICK = { rounds: 1, ms: 60 };
const QUICK_ARMS = ['peerchart', 'ethereumjs'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    arms: { type: 'string', default: '' },
    primitives: { type: 'string' },
  },
});
const settings = {
  rounds: Number(values.rounds),
  ms: 1_000 * Number(values.seconds),
  ...(values.quick && QUICK),
  isQuick: values.quick,
  options: values.primitives ? { primitives: values.primitives } : {},
};
const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0)
  throw new Error(`no such part: ${unknown}; there are ${Object.keys(PARTS)}`);

buildGethPeer();
const compared = chosenArms();
const before = loadavg();
const tables = [];
const failures = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const results = await PARTS[name](compared, settings).catch((error) => {
    failures.push(name);
    console.error(`the part ${name} failed: ${error.stack}`);
    return [];
  });
  for (const table of [results].flat()) {
    if (name === 'limit') addShares(table, tables);
    tables.push(table);
    console.log(markdownOf(table));
  }
}
if (!values.quick) write({ ...circumstances(await versions()), loadBefore: before, settings });
console.log(`measured: ${tables.length} tables`);
process.exit(failures.length > 0 ? 1 : 0);

function chosenArms() {
  const all = arms(settings.options);
  if (values.arms === '' && !values.quick) return all;
  const chosen = values.quick ? QUICK_ARMS : values.arms.split(';');
  const unknown = chosen.find((name) => !(name in all));
  if (unknown !== undefined)
    throw new Error(`--arms expected some of ${Object.keys(all).join('; ')}, got "${unknown}"`);
  const names = [...new Set([...chosen, DIALS_FAST])];
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}

async function versions() {
  const found = {};
  for (const [name, command] of Object.entries(compared)) {
    const side = await startSide(command);
    found[name] = side.version;
    await side.end();
  }
  return { sides: found };
}

function write(facts) {
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const name = `${facts.at.replaceAll(/[-:]/g, '')}-node${process.versions.node}`;
  const text = [
    READING,
    '',
    ...tables.map(markdownOf),
    '```json',
    JSON.stringify(facts, null, 1),
    '```',
    '',
  ];
  writeFileSync(new URL(`${name}.md`, folder), text.join('\n'));
  writeFileSync(new URL(`${name}.json`, folder), JSON.stringify({ ...facts, tables }));
  console.log(`written: bench/results/${name}.md and .json`);
}
