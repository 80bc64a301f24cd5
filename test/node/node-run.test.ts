import { describe, expect, test } from 'vitest';
import { checkNodeOptions } from '../../src/node/check-options.ts';
import type { NodeOptions } from '../../src/node/node-options.ts';
import { NodeRun } from '../../src/node/node-run.ts';

const listen = { host: '127.0.0.1', port: 0 };
const inTime = new AbortController().signal;

function runOf(options: NodeOptions) {
  const ends: string[] = [];
  const run = new NodeRun(checkNodeOptions({ server: { listen }, ...options }), {
    onServerEnded: ({ fault }) => void ends.push(fault.message),
    onServer: async () => {},
  });
  return { run, ends };
}

describe('what is done after its time', () => {
  const late = new AbortController();
  late.abort();

  test('is undone at once', async () => {
    const log: string[] = [];
    const { run } = runOf({
      services: [
        () => ({
          key: 'a',
          start: () => void log.push('start'),
          stop: () => void log.push('stop'),
        }),
      ],
      apis: [async () => ({ [Symbol.asyncDispose]: async () => void log.push('close') })],
    });
    await run.carryOut({ type: 'directory.open' }, inTime);
    await run.carryOut({ type: 'service.create', index: 0 }, inTime);
    await run.carryOut({ type: 'server.create' }, inTime);
    await run.carryOut({ type: 'service.start', index: 0 }, late.signal);
    expect(log).toEqual(['start', 'stop']);
    await run.carryOut({ type: 'api.open', index: 0 }, late.signal);
    expect(log).toEqual(['start', 'stop', 'close']);
    expect(await run.carryOut({ type: 'api.close', index: 0 }, inTime)).toEqual({
      type: 'api.closed',
      fault: null,
    });
    expect(log).toHaveLength(3);
    await run.carryOut({ type: 'server.stop' }, inTime);
    await run.carryOut({ type: 'directory.release' }, inTime);
  });

  test('a directory is not kept', async () => {
    const { run } = runOf({});
    await run.carryOut({ type: 'directory.open' }, late.signal);
    const report = await run.carryOut({ type: 'server.create' }, inTime);
    expect(report).toMatchObject({
      fault: { message: expect.stringMatching(/an earlier step is missing/) },
    });
  });
});

test('an interruption ends the start of the server, and no end of it is reported then', async () => {
  const { run, ends } = runOf({});
  await run.carryOut({ type: 'directory.open' }, inTime);
  await run.carryOut({ type: 'server.create' }, inTime);
  const started = run.carryOut({ type: 'server.start' }, inTime);
  run.interrupt();
  expect(await started).toMatchObject({ type: 'server.failed', fault: { kind: 'startFailed' } });
  await run.carryOut({ type: 'server.stop' }, inTime);
  expect(ends).toEqual([]);
});

test('a stop without anything to stop succeeds', async () => {
  const { run } = runOf({});
  for (const type of ['server.stop', 'directory.release'] as const)
    expect(await run.carryOut({ type }, inTime)).toMatchObject({ fault: null });
});
