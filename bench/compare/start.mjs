/** What it costs to import a library, and how long a listening server takes from the start of its process. Fresh processes. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { addSample } from './report.mjs';
import { rotated, startSide } from './side.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const IMPORTS = {
  'nothing (node alone)': '',
  peerchart: "await import('./dist/exports/main.js');",
  ethereumjs: "await import('@ethereumjs/devp2p');",
};

const REPORT = `
const { user, system } = process.cpuUsage();
const rss = process.memoryUsage.rss();
console.log(JSON.stringify([performance.now(), (user + system) / 1000, rss / 1048576]));`;

export async function measureStart(arms, { isQuick }) {
  const rounds = isQuick ? 1 : 11;
  const imports = {};
  const starts = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const name of rotated(Object.keys(IMPORTS), round)) {
      const [ms, cpuMs, rss] = await importOnce(IMPORTS[name]);
      push(imports, name, { 'process, ms': ms, 'CPU, ms': cpuMs, 'RSS, MiB': rss });
    }
    for (const name of rotated(Object.keys(arms), round))
      push(starts, name, await startOnce(arms[name]));
  }
  return [
    { title: 'Import', columns: lessIn(imports), samples: imports },
    { title: 'Start of a listening server', columns: lessIn(starts), samples: starts },
  ];
}

async function importOnce(code) {
  const args = ['--input-type=module', '-e', `${code}${REPORT}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  return JSON.parse(stdout);
}

async function startOnce(command) {
  const begun = performance.now();
  const side = await startSide(command);
  try {
    const loaded = performance.now();
    await side.ask('listen', { maxPeers: 50 });
    const running = performance.now();
    const { cpuMs } = await side.ask('cpu');
    return { 'loaded, ms': loaded - begun, 'listening, ms': running - begun, 'CPU, ms': cpuMs };
  } finally {
    await side.end();
  }
}

function push(samples, name, figures) {
  for (const [column, value] of Object.entries(figures)) addSample(samples, name, column, value);
}

const lessIn = (samples) =>
  Object.fromEntries(Object.keys(Object.values(samples)[0]).map((column) => [column, 'less']));
