import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { openFileInspector } from '../../src/inspect/file-inspector.ts';
import { scratch } from '../cli/scratch.ts';
import { runWriter } from '../support/recordings.ts';
import { signInAt } from './web/page-server-fixture.ts';

test('a browser that opened the link gets the recording', async () => {
  const path = join(await scratch(), 'run.jsonl');
  const { writer, sink } = runWriter();
  await writer.close();
  await writeFile(path, sink.text);
  await using inspector = await openFileInspector(path);
  const recording = `${inspector.address}/api/recording`;
  expect((await fetch(recording)).status).toBe(401);
  const { token } = await signInAt(Number(new URL(inspector.address).port), inspector.link);
  const headers = { 'x-peerchart-token': token! };
  const answer = await fetch(recording, { headers });
  expect(await answer.text()).toBe(sink.text);
  const session = await fetch(`${inspector.address}/api/session`, { headers });
  expect(await session.json()).toEqual({ source: 'file', actions: false });
  inspector.endSessions();
  expect((await fetch(recording, { headers })).status).toBe(401);
});

test('a file that is no recording is refused', async () => {
  const path = join(await scratch(), 'other');
  await writeFile(path, 'hello\n');
  await expect(openFileInspector(path)).rejects.toMatchObject({ fault: 'notARecording' });
  await expect(openFileInspector(path, { port: -1 })).rejects.toThrow(TypeError);
});
