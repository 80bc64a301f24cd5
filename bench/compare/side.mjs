/**
 * The implementations that are compared, and their processes: one that listens and one that dials. Commands of both, as
 * JSON lines with an `id` that the answer repeats:
 *
 *     listen {maxPeers, maxPending}      → {enode}; speaks bench/1: code 0 is counted, 1 and 2 are sent back
 *     peers {count}                      → when the one that listens has that many
 *     clients {count}                    → makes identities that dial
 *     connect {enode, count, atOnce, index} → {ms, cpuMs}, when the clients from `index` on are peers
 *     release {} / drop {index}          → when all clients, or one of them, have disconnected
 *     flood {size, ms}                   → {messages, ms, cpuMs}: the first client sends, until all have arrived
 *     trips {size, ms}                   → {ms}: the median round trip
 *     cpu {} → {cpuMs}    memory {} → {heap, rss} in bytes    stop {} → {ms}
 */
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const GETH_FOLDER = fileURLToPath(new URL('../../test/interop/geth-peer/', import.meta.url));

/** A side that does not answer for so long, in ms, ends the run. */
const LONGEST_ANSWER_MS = 120_000;

/** Every process that runs. They end with this one: at its exit, and when their stdin ends. */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const node = (file, ...args) => [
  process.execPath,
  '--expose-gc',
  fileURLToPath(new URL(file, import.meta.url)),
  ...args,
];

/** What starts one side of each. `options` are added to the options of each server of peerchart. */
export const arms = (options = {}) => ({
  peerchart: node('peerchart-side.mjs', JSON.stringify(options)),
  ethereumjs: node('ethereumjs-side.mjs'),
  'ethereumjs, NODELAY': node('ethereumjs-side.mjs', 'nodelay'),
  'go-ethereum': [`${GETH_FOLDER}geth-peer`, '--mode', 'bench'],
});

/** The one whose clients are used where only the listening side is measured. */
export const DIALS_FAST = 'go-ethereum';

/** Without cgo, so that a C compiler is not needed: go-ethereum's curve is then in Go. */
export function buildGethPeer() {
  execFileSync('go', ['build', '-trimpath', '-o', 'geth-peer', '.'], {
    cwd: GETH_FOLDER,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** Starts one process. @returns `ask`, which rejects with what the process reports or when it ends. */
export async function startSide([command, ...args]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(child);
  const waiting = new Map();
  let last = 0;
  let onReady = null;
  const ready = new Promise((resolve, reject) => {
    onReady = resolve;
    waiting.set(0, { resolve, reject });
  });
  const exit = new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      running.delete(child);
      for (const { reject } of waiting.values())
        reject(new Error(`${command} ${args.join(' ')} ended: ${code ?? signal}`));
      resolve();
    });
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, error, ...answer } = JSON.parse(line);
    if (answer.type === 'ready') {
      waiting.delete(0);
      onReady(answer);
      return;
    }
    const call = waiting.get(id);
    waiting.delete(id);
    if (!call) throw new Error(`an answer to no question: ${line}`);
    if (error) call.reject(new Error(error));
    else call.resolve(answer);
  });
  const { version } = await ready;
  return {
    version,
    ask(cmd, parameters = {}) {
      last += 1;
      child.stdin.write(`${JSON.stringify({ id: last, cmd, ...parameters })}\n`);
      const answer = new Promise((resolve, reject) => waiting.set(last, { resolve, reject }));
      const id = last;
      const timer = setTimeout(() => {
        waiting.get(id)?.reject(new Error(`${command} does not answer "${cmd}"`));
        waiting.delete(id);
      }, LONGEST_ANSWER_MS);
      return answer.finally(() => clearTimeout(timer));
    },
    end() {
      child.kill('SIGKILL');
      return exit;
    },
  };
}

/** Starts one that listens and one that dials, runs `use`, and ends both, also when it fails. */
export async function withPair(listenCommand, dialCommand, options, use) {
  const sides = [];
  try {
    for (const command of [listenCommand, dialCommand]) sides.push(await startSide(command));
    const [listener, dialer] = sides;
    const { enode } = await listener.ask('listen', options);
    return await use({ listener, dialer, enode });
  } finally {
    await Promise.all(sides.map((side) => side.end()));
  }
}

/** Starts a pair for each arm, runs `use` with all of them by name, and ends them, also when it fails. */
export async function withPairs(commands, options, use, pairs = {}) {
  const [name] = Object.keys(commands).filter((one) => !(one in pairs));
  if (name === undefined) return use(pairs);
  return withPair(commands[name], commands[name], options, (pair) =>
    withPairs(commands, options, use, { ...pairs, [name]: pair }),
  );
}

/** Each name once, beginning with another one in each round. */
export const rotated = (names, round) => names.map((_, i) => names[(i + round) % names.length]);
