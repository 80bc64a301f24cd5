/** What the sides that run on Node share: commands as JSON lines, one answer for each, and the figures of the process. */
import { createInterface } from 'node:readline';

/** Answers until stdin ends. `ready` is what the first line says. */
export function answerCommands(commands, ready) {
  say({ type: 'ready', version: process.version, ...ready });
  createInterface({ input: process.stdin })
    .on('line', async (line) => {
      const { id, cmd, ...parameters } = JSON.parse(line);
      try {
        say({ id, ...(await { cpu, memory, ...commands }[cmd](parameters)) });
      } catch (error) {
        say({ id, error: String(error?.stack ?? error) });
      }
    })
    .on('close', () => process.exit());
}

/** Runs `work` for each item, at most `atOnce` at a time. @returns how long it took, and the CPU of this process. */
export async function timed(items, atOnce, work) {
  const [begun, used] = [performance.now(), cpuMs()];
  const left = [...items];
  const run = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, left.length) }, run));
  return { ms: performance.now() - begun, cpuMs: cpuMs() - used };
}

/** Median round trip, one after the other, over `ms`: three at least. */
export async function roundTrips(ms, trip) {
  const took = [];
  for (const begun = performance.now(); took.length < 3 || performance.now() - begun < ms; ) {
    const sent = performance.now();
    await trip();
    took.push(performance.now() - sent);
  }
  return { ms: took.sort((a, b) => a - b)[took.length >> 1] };
}

/** A number of peers that others wait for. */
export function createCount() {
  let count = 0;
  const waiting = new Set();
  return {
    add(step) {
      count += step;
      for (const check of waiting) check();
    },
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const end = () => waiting.delete(check) && clearTimeout(timer);
        const timer = setTimeout(() => {
          end();
          reject(new Error(`${count} peers instead of ${wanted}`));
        }, 60_000);
        const check = () => {
          if (count !== wanted) return;
          end();
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const cpu = () => ({ cpuMs: cpuMs() });

/** In bytes, after what is not needed was collected. */
async function memory() {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
