import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';

import type { ServerOptions } from '../../../src/api/options.ts';
import type { DiscoveryView } from '../../../src/inspect/discovery-protocol.ts';
import { RecordingError } from '../../../src/inspect/recording/recording-error.ts';
import { readRecordingFile } from '../../../src/inspect/recording/recording-reader.ts';
import { replay } from '../../../src/inspect/recording/replay.ts';
import { type RecordOptions, record } from '../../../src/inspect/recording/server-recording.ts';
import { generateNodeKey } from '../../../src/io/crypto/node-key.ts';
import { echo } from '../../../src/protocols/echo.ts';
import { Server } from '../../../src/server.ts';
import { createWorld } from '../../../src/testing/world/world.ts';
import { scratch } from '../../cli/scratch.ts';
import { settledHeap } from '../../fuzz/watchdog.ts';
import { StepClock } from '../../support/step-clock.ts';

const server = (options: Partial<ServerOptions> = {}) =>
  new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    protocols: [echo()],
    ...options,
  });

const met = (one: Server): Promise<void> =>
  new Promise((resolve) => void one.on('add', () => resolve()));

async function meet(options: RecordOptions = {}) {
  const path = join(await scratch(), 'run.jsonl');
  const [a, b] = [server(), server()];
  const recording = await record(a, path, options);
  await a.start();
  await b.start();
  const both = [met(a), met(b)];
  a.addPeer(b.self.enode);
  await Promise.all(both);
  await b.stop();
  await a.stop();
  return { path, recording, a, b };
}

test('a mask that is taken back after the call still masks', async () => {
  const a = server();
  const path = join(await scratch(), 'run.jsonl');
  const options = { mask: true };
  const opening = record(a, path, options);
  options.mask = false;
  await (await opening).close();
  const text = await readFile(path, 'utf8');
  expect(text).not.toContain(a.self.id);
  await a.stop();
});

describe('a recording of a server with discovery', () => {
  /** The recording of a node that finds another one by a bootnode. */
  async function found(options: RecordOptions = {}) {
    const path = join(await scratch(), 'run.jsonl');
    const world = createWorld({ seed: 1, crypto: 'fast' });
    const boot = world.node({ discovery: 'v4' });
    const [one, two] = [0, 1].map(() => world.node({ discovery: 'v4', bootnodes: [boot.enode] }));
    const recording = await record(one!.server, path, options);
    await world.start(boot, one!, two!);
    await world.run('1m');
    await recording.close();
    const others = [boot, two!].map(({ id, host }) => [id, host.address] as const);
    await world.end();
    return { path, text: await readFile(path, 'utf8'), others, self: one! };
  }

  test('has its table, its packets and its lookups, and can be replayed', async () => {
    const { path, text, others } = await found();
    const rows = text
      .split('\n')
      .filter((line) => line.startsWith('{"type":"row"'))
      .map((line) => JSON.parse(line).row);
    const last = rows.filter(({ discovery }) => discovery).at(-1).discovery as DiscoveryView;
    const entries = last.buckets.flatMap((bucket) => bucket.entries);
    expect(entries.map(({ id }) => id).toSorted()).toEqual(others.map(([id]) => id).toSorted());
    expect(entries.every(({ isLive }) => isLive)).toBe(true);
    expect(last.status.tone).toBe('good');
    expect(last.packets!.byType[0]!.sent).toBeGreaterThan(0);
    expect(rows.some(({ path: asked }) => asked?.length > 0)).toBe(true);
    expect(rows).toContainEqual({ discovers: true });
    const result = await replay(readRecordingFile(path));
    expect(result).toMatchObject({ divergence: null, skippedTotal: 0 });
  });

  test('hides all of them under a mask', async () => {
    const { text, others, self } = await found({ mask: true });
    expect(text).toContain('"discovery":{"status"');
    for (const [id, address] of [...others, [self.id, self.host.address] as const])
      for (const secret of [id, id.slice(0, 8), address]) expect(text).not.toContain(secret);
  });
});

describe('a recording from before the start of a server', () => {
  test('can be replayed completely', async () => {
    const { path, recording } = await meet();
    const result = await replay(readRecordingFile(path));
    expect(result).toMatchObject({ divergence: null, skippedTotal: 0, end: 'closed' });
    expect(result.header).toMatchObject({ masked: false, seed: expect.any(Number) });
    const text = await readFile(path, 'utf8');
    expect([recording.why, recording.bytes]).toEqual(['closed', Buffer.byteLength(text)]);
    expect(recording.lines).toBe(text.split('\n').length - 1);
    expect(text).toContain('"type":"ending"');
  });

  test('can be masked, without the id and address of the server', async () => {
    const { path, a, b } = await meet({ mask: true });
    expect(await replay(readRecordingFile(path))).toMatchObject({
      divergence: null,
      skippedTotal: 0,
    });
    const text = await readFile(path, 'utf8');
    for (const { id } of [a.self, b.self]) expect(text).not.toContain(id);
    expect(text).not.toContain('127.0.0.1');
  });

  test.for([false, true])(
    'explains an ending by what was known besides its state (masked: %s)',
    async (mask) => {
      const path = join(await scratch(), 'run.jsonl');
      const [a, b] = [server({ protocols: [] }), server()];
      await record(a, path, { mask });
      await Promise.all([a.start(), b.start()]);
      const { enode } = b.self;
      const dropped = new Promise((resolve) => a.on('drop', resolve));
      const failed = new Promise((resolve) => a.on('dialFailed', resolve));
      a.addPeer(enode); // which has no use for a node without protocols
      await dropped;
      await b.stop();
      await a.removePeer(enode);
      a.addPeer(enode);
      await failed;
      await a.stop();
      const lines = (await readFile(path, 'utf8')).split('\n');
      const endings = lines.filter((line) => line.includes('"type":"ending"'));
      expect(endings).toEqual([
        expect.stringContaining('We offer no protocol, so we are of no use to them.'),
        expect.stringMatching(/They were our peer .* ago, .*it was our peer until .* before/),
      ]);
      expect(endings.join().includes('127.0.0.1')).toBe(!mask);
    },
  );
});

describe('a recording', () => {
  test('that starts late skips actors that ran before', async () => {
    const path = join(await scratch(), 'run.jsonl');
    await using a = server();
    await a.start();
    const recording = await record(a, path);
    await recording.close();
    await recording.close();
    const { divergence, skipped } = await replay(readRecordingFile(path));
    expect(divergence).toBe(null);
    expect(skipped.map(({ id }) => id)).toEqual([
      'server',
      'localNode',
      'listener',
      'dialScheduler',
    ]);
  });

  test('can be closed while the server runs on', async () => {
    const path = join(await scratch(), 'run.jsonl');
    await using a = server();
    const recording = await record(a, path);
    await recording[Symbol.asyncDispose]();
    const { lines } = recording;
    await a.start();
    expect([recording.lines, recording.why]).toEqual([lines, 'closed']);
  });

  test('overwrites no file', async () => {
    const path = join(await scratch(), 'run.jsonl');
    await using a = server();
    await record(a, path);
    await expect(record(a, path)).rejects.toThrow(RecordingError);
  });

  test('may be as small as the lines of an idle server', async () => {
    await using a = server();
    const recording = await record(a, join(await scratch(), 'run.jsonl'), { maxBytes: 64 * 1024 });
    await a.start();
    expect(recording.why).toBeNull();
  });

  test.for([
    [{ maxBytes: 10 }, '"maxBytes" expected'],
    [{ maxBytes: 1e99 }, '"maxBytes" expected'],
    [{ mask: 1 }, '"mask" expected'],
    [{ more: 1 }, '"more" is not known'],
  ] as const)('%j is refused', async ([options, message]) => {
    await using a = server();
    const wrong = record(a, 'nowhere', options as RecordOptions);
    await expect(wrong).rejects.toThrow(TypeError);
    await expect(record(a, 'nowhere', options as RecordOptions)).rejects.toThrow(message);
  });

  test('of a stopped server cannot start', async () => {
    const a = server();
    await a.start();
    await a.stop();
    await expect(record(a, 'nowhere')).rejects.toMatchObject({ code: 'stopped' });
  });
});

/** A server that counts what was registered with it, and knows when a recording says that it is closed. */
function countingServer() {
  const seen = { registered: 0, closed: 0 };
  const register = () => {
    seen.registered += 1;
    return () => {
      seen.registered -= 1;
    };
  };
  const onClosed = (): void => {
    seen.closed += 1;
  };
  const observation = {
    server: {
      self: { id: '', enode: '' },
      actor: { getSnapshot: () => ({ context: { input: { dial: { seed: 1 } } } }) },
      on: register,
    },
    inspection: { watch: register },
    clock: new StepClock(),
    onClosed,
  };
  const server = { attach: (open: (given: typeof observation) => unknown) => open(observation) };
  return { server: server as unknown as Server, seen, onClosed: new WeakRef(onClosed) };
}

test('a closed recording observes nothing more, and says once that it is closed', async () => {
  const { server: counting, seen } = countingServer();
  const recording = await record(counting, join(await scratch(), 'run.jsonl'));
  expect(seen).toEqual({ registered: 4, closed: 0 });
  await Promise.all([recording.close(), recording.close()]);
  expect(seen).toEqual({ registered: 0, closed: 1 });
});

test('a closed recording holds nothing of its server while it is held', async () => {
  const path = join(await scratch(), 'run.jsonl');
  const recordAndClose = async () => {
    const { server: counting, onClosed } = countingServer();
    const recording = await record(counting, path);
    await recording.close();
    return { recording, onClosed };
  };
  const { recording, onClosed } = await recordAndClose();
  await turn();
  await settledHeap();
  expect([onClosed.deref(), recording.why, recording.lines]).toEqual([undefined, 'closed', 2]);
});
