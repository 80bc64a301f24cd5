/**
 * `npm run fuzz -- --minutes 30 [--threads 2] [--targets rlp,hello] [--seed 1]`: every target in turn, guided by coverage.
 * New inputs join the corpus, those that break a promise become crashers, and the exit code says whether there was one.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

import type { Report } from './campaign.ts';
import { addCrasher, writeCorpus } from './corpus.ts';
import { CURRENT_BYTES_AT, type Order, type Outcome } from './fuzz-worker.ts';
import type { Target } from './target.ts';
import { TARGETS } from './targets.ts';

/** An input that is still tried after this many ms hangs. */
const HANG_MS = 30_000;
const LOOK_EVERY_MS = 5_000;

/** Share of the time: targets that seal, sign or play whole sessions need more of it. */
const WEIGHTS: Readonly<Record<string, number>> = { session: 6, 'auth-sealed': 3, 'ack-sealed': 3 };

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    targets: { type: 'string', default: TARGETS.map(({ name }) => name).join(',') },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});

const names = values.targets.split(',');
const chosen = TARGETS.filter(({ name }) => names.includes(name));
const threads = Number(values.threads);
const seed = Number(values.seed);
const weightOf = ({ name }: Target): number => WEIGHTS[name] ?? 1;
const weights = chosen.reduce((sum, target) => sum + weightOf(target), 0);
const msPerWeight = (Number(values.minutes) * 60_000 * threads) / weights;

const NO_REPORT = {
  executions: 0,
  seconds: 0,
  corpus: 0,
  blocks: 0,
  slowestMs: Number.NaN,
  mostKeptBytes: 0,
  leftBytesPerExecution: 0,
};

print(`seed ${seed}, ${chosen.length} targets, ${threads} threads, ${values.minutes} minutes`);
const waiting = [...chosen].sort((a, b) => weightOf(b) - weightOf(a));
const reports: Report[] = [];
await Promise.all(
  Array.from({ length: threads }, async () => {
    for (let target = waiting.shift(); target; target = waiting.shift())
      reports.push(await fuzz(target, weightOf(target) * msPerWeight));
  }),
);
summarise();

async function fuzz(target: Target, ms: number): Promise<Report> {
  const outcome = await runThread(target, ms);
  if ('hung' in outcome) {
    addCrasher(target, outcome.hung);
    print(`${target.name}: ${outcome.why}`);
    return {
      ...NO_REPORT,
      target: target.name,
      crashes: [{ input: outcome.hung, why: outcome.why }],
    };
  }
  const { report, inputs } = outcome;
  const crashes = report.crashes.map(({ input, why }) => ({ input: new Uint8Array(input), why }));
  for (const { input } of crashes) addCrasher(target, input);
  writeCorpus(target, inputs);
  print(`${target.name}: ${report.executions} executions, ${crashes.length} crashes`);
  for (const { why } of crashes) print(`  ${why}`);
  return { ...report, crashes };
}

type Hung = { readonly hung: Uint8Array; readonly why: string };

/** A thread that dies or stands still was killed by its current input. */
function runThread(target: Target, ms: number): Promise<Outcome | Hung> {
  const current = new SharedArrayBuffer(CURRENT_BYTES_AT + target.maxBytes);
  const words = new Int32Array(current, 0, 2);
  const order: Order = { target: target.name, ms, seed, current };
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), { workerData: order });
  return new Promise((resolve, reject) => {
    let seen = 0;
    let since = performance.now();
    const give = (outcome: Outcome | Hung): void => {
      clearInterval(look);
      worker.terminate().then(() => resolve(outcome));
    };
    const blame = (why: string): void =>
      give({ hung: new Uint8Array(current).slice(CURRENT_BYTES_AT).subarray(0, words[1]), why });
    const look = setInterval(() => {
      if (words[0] !== seen) since = performance.now();
      else if (performance.now() - since > HANG_MS) blame('hangs');
      seen = words[0]!;
    }, LOOK_EVERY_MS);
    worker.once('message', give).once('error', (error) => {
      if (words[0] === 0)
        reject(error); // no input was tried yet
      else blame(`died: ${error}`);
    });
  });
}

function summarise(): void {
  const order = new Map(TARGETS.map(({ name }, index) => [name, index]));
  reports.sort((a, b) => order.get(a.target)! - order.get(b.target)!);
  print(
    '\n| target | executions | seconds | per second | corpus | blocks | slowest ms | kept bytes | left bytes each | crashes |',
  );
  print('|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|');
  for (const { crashes, ...one } of reports) {
    const cells = [
      one.target,
      one.executions,
      one.seconds.toFixed(0),
      (one.executions / one.seconds).toFixed(0),
      one.corpus,
      one.blocks,
      one.slowestMs.toFixed(1),
      one.mostKeptBytes,
      one.leftBytesPerExecution.toFixed(1),
      crashes.length,
    ];
    print(`| ${cells.join(' | ')} |`);
  }
  const total = reports.reduce((sum, { executions }) => sum + executions, 0);
  const crashes = reports.reduce((sum, one) => sum + one.crashes.length, 0);
  print(`\n${total} executions, ${crashes} crashes`);
  process.exitCode = crashes === 0 ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
