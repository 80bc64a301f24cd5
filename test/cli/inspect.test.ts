import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { CommandError } from '../../src/cli/error.ts';
import { inspectFile } from '../../src/cli/inspect.ts';
import { runWriter } from '../support/recordings.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { keptAwake } from './kept-awake.ts';
import { listening } from './listening.ts';
import { scratch } from './scratch.ts';

async function someFile(): Promise<string> {
  const path = join(await scratch(), 'run.jsonl');
  const { writer, sink } = runWriter();
  await writer.close();
  await writeFile(path, sink.text);
  return path;
}

test('prints its link, and ends on the signal', async () => {
  const terminal = new FakeTerminal();
  const code = inspectFile(await someFile(), { port: 0, json: true }, terminal);
  const { link } = JSON.parse(await terminal.line(() => true)) as { readonly link: string };
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?code=/);
  terminal.stop();
  expect(await code).toBe(0);
});

test('people are told that the link is single use', async () => {
  const terminal = new FakeTerminal();
  const code = inspectFile(await someFile(), { port: 0 }, terminal);
  expect(await terminal.line(() => true)).toMatch(
    /^open http:\/\/127\.0\.0\.1:\d+\/\?code=\S+ \(single use, expires in 60 s\)$/,
  );
  terminal.stop();
  expect(await code).toBe(0);
});

test('leaves no timer that keeps the process running', async () => {
  const left = keptAwake();
  const terminal = new FakeTerminal();
  const code = inspectFile(await someFile(), { port: 0, json: true }, terminal);
  await terminal.line(() => true);
  expect(left()).toBe(1);
  terminal.stop();
  await code;
  expect(left()).toBe(0);
});

test('a file that is no recording is reported in one line', async () => {
  const path = join(await scratch(), 'none');
  const terminal = new FakeTerminal();
  expect(await inspectFile(path, { port: 0 }, terminal)).toBe(2);
  expect(terminal.errors).toMatch(/^peerchart: cannot read/);
});

test('an address in use is a user error', async () => {
  const port = await listening(createServer());
  const opened = inspectFile(await someFile(), { port }, new FakeTerminal());
  await expect(opened).rejects.toThrow(CommandError);
});
