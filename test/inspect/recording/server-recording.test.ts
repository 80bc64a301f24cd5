import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { RecordingError } from '../../../src/inspect/recording/recording-error.ts';
import { readRecordingFile } from '../../../src/inspect/recording/recording-reader.ts';
import { replay } from '../../../src/inspect/recording/replay.ts';
import { type RecordOptions, record } from '../../../src/inspect/recording/server-recording.ts';
import { generateNodeKey } from '../../../src/io/crypto/node-key.ts';
import { echo } from '../../../src/protocols/echo.ts';
import { Server } from '../../../src/server.ts';
import { scratch } from '../../cli/scratch.ts';

const server = () =>
  new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    protocols: [echo()],
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

describe('a server that is recorded from before its start', () => {
  test('can be lived through again, all of it', async () => {
    const { path, recording } = await meet();
    const result = await replay(readRecordingFile(path));
    expect(result).toMatchObject({ divergence: null, skippedTotal: 0, end: 'closed' });
    expect(result.header).toMatchObject({ masked: false, seed: expect.any(Number) });
    const text = await readFile(path, 'utf8');
    expect([recording.why, recording.bytes]).toEqual(['closed', Buffer.byteLength(text)]);
    expect(recording.lines).toBe(text.split('\n').length - 1);
    expect(text).toContain('"type":"ending"');
  });

  test('also masked, and then without its id and address', async () => {
    const { path, a, b } = await meet({ mask: true });
    expect(await replay(readRecordingFile(path))).toMatchObject({
      divergence: null,
      skippedTotal: 0,
    });
    const text = await readFile(path, 'utf8');
    for (const { id } of [a.self, b.self]) expect(text).not.toContain(id);
    expect(text).not.toContain('127.0.0.1');
  });
});

describe('a recording', () => {
  test('that begins late leaves out who was there', async () => {
    const path = join(await scratch(), 'run.jsonl');
    await using a = server();
    await a.start();
    const recording = await record(a, path);
    await recording.close();
    await recording.close();
    const { divergence, skipped } = await replay(readRecordingFile(path));
    expect(divergence).toBe(null);
    expect(skipped.map(({ id }) => id)).toEqual(['server', 'listener', 'dialScheduler']);
  });

  test('ends when it is closed, and the server goes on', async () => {
    const path = join(await scratch(), 'run.jsonl');
    await using a = server();
    const recording = await record(a, path);
    await recording[Symbol.asyncDispose]();
    const { lines } = recording;
    await a.start();
    expect([recording.lines, recording.why]).toEqual([lines, 'closed']);
  });

  test('overwrites nothing', async () => {
    const path = join(await scratch(), 'run.jsonl');
    await using a = server();
    await record(a, path);
    await expect(record(a, path)).rejects.toThrow(RecordingError);
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

  test('of a server that has stopped cannot begin', async () => {
    const a = server();
    await a.start();
    await a.stop();
    await expect(record(a, 'nowhere')).rejects.toMatchObject({ code: 'stopped' });
  });
});
