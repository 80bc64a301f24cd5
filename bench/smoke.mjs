/**
 * Runs every script of this folder for some seconds, to show that it still works: `npm run bench:smoke`, after
 * `npm run build`. A script passes when it prints its figures and no error; the figures do not matter: a busy machine is
 * slow, and these runs are too short to judge speed. A script without a line in the table fails.
 */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Longest run of one script, in ms. */
const MAX_RUN_MS = 120_000;

/** Loaded by the others; not run by themselves. */
const PARTS = ['child-server', 'honest-peers', 'raw-remote', 'smoke'];

/** What each script is given, and the last thing it prints. */
const RUNS = {
  bench: { args: ['--quick'], prints: /measured: 8 tables/ },
  'blocked-loop': { args: [1, 4], prints: /dropped by their own choice: 0/ },
  crawl: {
    args: [40, 20],
    prints: /40 visited, finished(?:.|\n)*from there until Hello: p50 \d+ ms/,
  },
  datagrams: { args: [1, 200, 500], prints: /pings of ours meanwhile: \d+ of \d+ answered/ },
  'fair-turns': { args: [2, 1], prints: /honest with a flooder: \d+ % of without/ },
  'few-files': { args: [200], prints: /an honest newcomer \d+ ms after/ },
  floods: { args: [1, 2], prints: /15 MiB by 2: honest/ },
  'hostile-inbound': { args: [100], prints: /an honest peer after \d+ ms\nstill open: \[\]/ },
  inspect: {
    node: ['--expose-gc'],
    args: [1, 50, 200],
    prints: /four viewers that never read, heap .* MiB/,
  },
  'geth-herd': { args: [5, 60], prints: /5 go-ethereum servers at once: 5 are peers/ },
  loop: { args: [1, 20, 2], prints: /for callers already gone \d+/ },
  'never-reading': { args: [2], prints: /gone after \d+ ms, 0 are left/ },
  ring: { args: [3], prints: /stopped all at once: \d+ ms; open handles: 0/ },
  'silent-inbound': { args: [60, 10], prints: /honest: .*a peer after \d+ ms/ },
  'silent-names': { args: [20], prints: /the process ended \d+ ms after/ },
  'slow-links': {
    args: ['--seconds', 2, '--sizes', '1,64', '--starts', 0],
    prints: /\d+ links: \d+ as they should, \d+ not/,
  },
  soak: { args: [0.1, 4], prints: /open after stop \d/ },
  'valid-auth': { args: [40, 10, 10], prints: /40 connections with a valid auth(?:.|\n)*lost 0/ },
  world: { args: [3, 1], prints: /the same run/ },
};

/** Node's words for an error that nothing caught, and the server's for a promise. */
const ERROR = /\n\s+at |Error: |unhandledRejection/;

const folder = new URL('./', import.meta.url);
const scripts = readdirSync(folder)
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length))
  .filter((name) => !PARTS.includes(name));

let failed = 0;
for (const name of scripts) {
  const began = performance.now();
  const problem = RUNS[name] ? await run(name, RUNS[name]) : 'it has no line in bench/smoke.mjs';
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`${problem ? 'FAILED' : 'ok    '} ${name} (${seconds} s)`);
  if (problem) console.log(problem.replace(/^/gm, '       '));
  if (problem) failed += 1;
}
console.log(`${scripts.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** @returns what is wrong, or null. */
function run(name, { node = [], args, prints }) {
  const command = [...node, fileURLToPath(new URL(`${name}.mjs`, folder)), ...args.map(String)];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { timeout: MAX_RUN_MS }, (error, stdout, stderr) => {
      const said = `${stdout}\n${stderr}`;
      if (error?.killed) resolve(`it did not end within ${MAX_RUN_MS / 1_000} s\n${said}`);
      else if (ERROR.test(said) || !prints.test(stdout)) resolve(said);
      else resolve(null);
    });
  });
}
