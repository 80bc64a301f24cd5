import { execFileSync } from 'node:child_process';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';

import { inspectFile } from '../../src/cli/inspect.ts';
import { replay } from '../../src/cli/replay.ts';
import { run } from '../../src/cli/run.ts';
import { runWriter } from '../support/recordings.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

async function recorded(): Promise<string> {
  const path = join(await scratch(), 'run.jsonl');
  const terminal = new FakeTerminal();
  const listen = { host: '127.0.0.1', port: 0 };
  const code = run({ json: true, logLevel: 'warn', server: { listen }, record: path }, terminal);
  await terminal.report('started');
  terminal.stop();
  expect(await code).toBe(0);
  return path;
}

describe('what run --record wrote', () => {
  test('is identical', async () => {
    const path = await recorded();
    const terminal = new FakeTerminal();
    expect(await replay(path, {}, terminal)).toBe(0);
    expect(terminal.output).toMatch(/identical: \d+ steps of 4 actors/);
    const json = new FakeTerminal();
    expect(await replay(path, { json: true }, json)).toBe(0);
    const skipped = [{ id: 'node', why: 'startedBefore' }]; // it makes the server that is recorded
    expect(JSON.parse(json.output)).toMatchObject({ divergence: null, skipped });
  });

  test('and was changed afterwards: names the first event that differs', async () => {
    const path = await recorded();
    const text = await readFile(path, 'utf8');
    await writeFile(
      path,
      text.replace('"state":"active.phase.running+', '"state":"active.phase.stopped+'),
    );
    const terminal = new FakeTerminal();
    expect(await replay(path, {}, terminal)).toBe(1);
    expect(terminal.output).toMatch(/diverged at line \d+: server, listener.bound at \d+ ms/);
    expect(terminal.output).toMatch(
      /recorded: active\.phase\.stopped\+.* by .*\n {2}replayed: active\.phase\.running\+.* by /,
    );
  });

  test('and is incomplete: says so', async () => {
    const path = await recorded();
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.slice(0, -20));
    const terminal = new FakeTerminal();
    expect(await replay(path, {}, terminal)).toBe(0);
    expect(terminal.output).toContain('the recording is incomplete');
  });
});

test('a signal ends the replay, also while the file gives nothing', async () => {
  const path = join(await scratch(), 'pipe');
  execFileSync('mkfifo', ['-m', '600', path]);
  const writing = await open(path, 'r+'); // holds the pipe open: a reader waits for more
  onTestFinished(() => writing.close());
  const { writer, sink } = runWriter();
  await writer.close();
  await writing.write(sink.text);
  const terminal = new FakeTerminal();
  const code = replay(path, {}, terminal);
  terminal.stop();
  expect(await code).toBe(130);
  await writing.write('\n'); // lets the read end that is under way
  expect([terminal.output, terminal.errors]).toEqual([
    '',
    'peerchart: interrupted before the end of the recording\n',
  ]);
});

test('a signal ends the replay of a pipe that no process writes to', async () => {
  const path = join(await scratch(), 'pipe');
  execFileSync('mkfifo', ['-m', '600', path]);
  const terminal = new FakeTerminal();
  const code = replay(path, {}, terminal);
  terminal.stop();
  const result = await code;
  await (await open(path, 'r+')).close(); // lets the opening that is under way end
  expect(result).toBe(130);
});

test('a signal that came before ends the replay at once', async () => {
  const terminal = new FakeTerminal();
  terminal.stop();
  expect(await replay('/nowhere', { json: true }, terminal)).toBe(130);
  expect(terminal.output).toBe('');
});

test('a file that cannot be read is reported in one line', async () => {
  const path = join(await scratch(), 'none');
  const terminal = new FakeTerminal();
  expect(await replay(path, {}, terminal)).toBe(2);
  expect(terminal.errors).toMatch(/^peerchart: cannot read .*\n$/);
  const json = new FakeTerminal();
  expect(await replay(path, { json: true }, json)).toBe(2);
  expect(JSON.parse(json.output)).toMatchObject({ error: { fault: 'unreadable', line: null } });
});

test('a recording of another version is refused with one sentence, by replay and by inspect', async () => {
  const path = fileURLToPath(new URL('../inspect/recording/version-1.jsonl', import.meta.url));
  const sentence =
    'peerchart: this is a peerchart recording of version 1, written by peerchart 0.1.0, and this peerchart reads ' +
    'version 2: open it with the peerchart that wrote it, or record again\n';
  const [replaying, inspecting] = [new FakeTerminal(), new FakeTerminal()];
  expect(await replay(path, {}, replaying)).toBe(2);
  expect(await inspectFile(path, { port: 0 }, inspecting)).toBe(2);
  expect([replaying.errors, inspecting.errors]).toEqual([sentence, sentence]);
});
