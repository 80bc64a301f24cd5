/**
 * The composed limit: what the primitives of one setup and of one message cost alone. The calls of one real setup are
 * recorded and made again, without the code between them.
 */
import { randomBytes } from 'node:crypto';

import { createNodeKey } from '../../dist/io/crypto/node-key.js';
import { createFrameReader, createFrameWriter } from '../../dist/io/crypto/rlpx-frame.js';
import { makeAck, makeAuth, readAck, readAuth } from '../../dist/io/crypto/rlpx-handshake.js';
import { compress, decompress } from '../../dist/io/wire/snappy.js';
import { checkOptions } from '../../dist/server/config.js';
import { SIZES } from './messages.mjs';
import { addSample, median } from './report.mjs';

const MAX_FRAME_BYTES = 16 * 1024 * 1024 - 1;
const HELLO_BYTES = 120;

export async function measureLimit(_arms, { rounds, ms, options }) {
  const samples = {};
  for (let round = 0; round <= rounds; round += 1) {
    const figures = await composedCosts(ms, options);
    if (round === 0) continue; // the code is warm afterwards
    for (const [row, us] of Object.entries(figures)) addSample(samples, row, 'µs', us);
  }
  return { title: 'The primitives alone', columns: { µs: 'less' }, samples, base: null };
}

/** Beside each cost, what the whole server was measured to take in this run, and how much of that the primitives are. */
export function addShares({ columns, samples }, tables) {
  for (const [row, figures] of Object.entries(samples)) {
    const found = measuredUs(row, tables);
    if (found === null) continue;
    figures['whole server, CPU µs'] = [found];
    figures['primitives, %'] = [(100 * median(figures.µs)) / found];
    Object.assign(columns, { 'whole server, CPU µs': 'less', 'primitives, %': 'more' });
  }
}

function measuredUs(row, tables) {
  const [, side] = row.match(/^setup, (\w+)$/) ?? [];
  const [, way, size] = row.match(/^(send|receive) (.*)$/) ?? [];
  const title = side ? 'Connection setups' : `Messages of ${size}`;
  const column = side ? `CPU of the ${side}, ms` : `CPU to ${way}, µs`;
  const figures = tables.find((table) => table.title === title)?.samples.peerchart?.[column];
  return figures ? median(figures) * (side ? 1_000 : 1) : null;
}

async function composedCosts(ms, options) {
  const figures = {};
  const [dialer, listener] = [sideOf(options), sideOf(options)];
  const auth = await makeAuth(dialer.local, listener.local.key.publicKey, 'eip8');
  const received = await readAuth(listener.local, auth.packet, 'eip8');
  const { packet, session } = await makeAck(listener.local, received);
  const sessions = [await readAck(dialer.local, auth, packet), session];
  const [ours, theirs] = [dialer, listener].map(({ local: { primitives } }, i) => ({
    writer: createFrameWriter(sessions[i], primitives),
    reader: createFrameReader(sessions[i], primitives, MAX_FRAME_BYTES),
  }));
  const marks = [dialer, listener].map(({ calls }) => calls.length);
  const hello = randomBytes(HELLO_BYTES);
  theirs.reader.read(ours.writer.seal(0, hello), 0);
  ours.reader.read(theirs.writer.seal(0, hello), 0);
  figures['setup, dialer'] = await timePerRun(ms, () => replay(dialer, 0));
  figures['setup, listener'] = await timePerRun(ms, () => replay(listener, 0));
  for (const [label, size] of Object.entries(SIZES)) {
    const payload = new Uint8Array(randomBytes(size));
    const packed = compress(payload);
    marks[0] = dialer.calls.length;
    marks[1] = listener.calls.length;
    theirs.reader.read(ours.writer.seal(16, packed), 0);
    const [sent, taken] = marks;
    figures[`send ${label}`] = await timePerRun(ms, async () => {
      compress(payload);
      await replay(dialer, sent);
    });
    figures[`receive ${label}`] = await timePerRun(ms, async () => {
      decompress(packed, MAX_FRAME_BYTES);
      await replay(listener, taken);
    });
  }
  return figures;
}

/** The primitives that a server with these options uses, and every call of them. */
function sideOf(options) {
  const nodeKey = new Uint8Array(randomBytes(32));
  const { ports } = checkOptions({ nodeKey, listen: null, ...options });
  const side = { calls: [], made: [], copies: new WeakMap() };
  const primitives = recording(ports.primitives, side);
  return { ...side, local: { key: createNodeKey(nodeKey), random: ports.random, primitives } };
}

/** What `target` returns is recorded too when it is a function or an object of functions. */
function recording(target, side) {
  const index = side.made.push(target) - 1;
  const record =
    (name, call) =>
    (...args) => {
      const entry = { index, name, args: args.map((value) => kept(value, side)), gives: null };
      side.calls.push(entry);
      const result = call(...args);
      if (!isCallable(result)) return result;
      entry.gives = side.made.length;
      return recording(result, side);
    };
  if (typeof target === 'function') return record(null, target);
  return Object.fromEntries(
    Object.entries(target).map(([name, value]) => [
      name,
      typeof value === 'function' ? record(name, value.bind(target)) : value,
    ]),
  );
}

/** A copy of bytes, since secrets are wiped; the same one for the same bytes, since keys may be cached. */
function kept(value, { copies }) {
  if (!(value instanceof Uint8Array)) return value;
  const known = copies.get(value);
  if (known && Buffer.compare(known, value) === 0) return known;
  const copy = value.slice();
  copies.set(value, copy);
  return copy;
}

const isCallable = (value) =>
  typeof value === 'function' ||
  (Object.getPrototypeOf(value ?? 0) === Object.prototype &&
    Object.values(value).some((one) => typeof one === 'function'));

/** Makes the calls again that were recorded from `start` on. */
async function replay({ calls, made }, start) {
  for (let i = start; i < calls.length; i += 1) {
    const { index, name, args, gives } = calls[i];
    let result = name === null ? made[index](...args) : made[index][name](...args);
    if (typeof result?.then === 'function') result = await result;
    if (gives !== null) made[gives] = result;
  }
}

/** CPU of this process for one run, in µs: the mean over `ms`, and over three runs at least. */
async function timePerRun(ms, run) {
  let runs = 0;
  const used = process.cpuUsage();
  for (const begun = performance.now(); runs < 3 || performance.now() - begun < ms; runs += 1)
    await run();
  const { user, system } = process.cpuUsage(used);
  return (user + system) / runs;
}
