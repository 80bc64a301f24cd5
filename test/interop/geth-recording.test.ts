/** A run with go-ethereum, recorded and lived through again. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { readRecordingFile } from '../../src/inspect/recording/recording-reader.ts';
import { replay } from '../../src/inspect/recording/replay.ts';
import { record } from '../../src/inspect/recording/server-recording.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { echo } from '../../src/protocols/echo.ts';
import { Server } from '../../src/server.ts';
import { scratch } from '../cli/scratch.ts';
import { startPeer } from './peer-process.ts';

test('replays the same steps, and a changed copy names the first event that differs', async () => {
  const path = join(await scratch(), 'run.jsonl');
  {
    await using geth = await startPeer('geth', ['--name', 'Geth/test']);
    const server = new Server({
      nodeKey: generateNodeKey(),
      listen: { host: '127.0.0.1', port: 0 },
      protocols: [echo({ say: 'hello' })],
    });
    await record(server, path);
    await server.start();
    const target = new EventTarget();
    server.on('add', () => target.dispatchEvent(new Event('add')));
    const added = once(target, 'add');
    server.addPeer(geth.started.enode!);
    await added;
    await server.stop();
  }
  const result = await replay(readRecordingFile(path));
  expect(result).toMatchObject({ divergence: null, skippedTotal: 0, end: 'closed' });

  const text = await readFile(path, 'utf8');
  const lines = text.split('\n');
  const hello = lines.findIndex((line) => line.includes('"event":{"type":"hello.received"'));
  expect(lines[hello]).toContain('Geth/test');
  const copy = `${path}.changed`;
  lines[hello] = lines[hello]!.replace('"type":"hello.received"', '"type":"stop"');
  await writeFile(copy, lines.join('\n'));
  const { divergence } = await replay(readRecordingFile(copy));
  expect(divergence).toMatchObject({ line: hello + 1, event: 'stop' });
  expect(divergence!.expected).toMatch(/^addPeerCheckpoint/);
  expect(divergence!.got).toMatch(/^rejected\.serverStopped/);
});
