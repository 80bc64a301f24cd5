import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { run } from '../../src/cli/run.ts';
import { begin, listen } from './begin-run.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

describe('the end of a run', () => {
  test('a signal before the node runs: nothing is printed, and the exit code is 130', async () => {
    const terminal = new FakeTerminal();
    terminal.stop();
    expect(await run({ logLevel: 'warn', server: { listen } }, terminal)).toBe(130);
    const later = new FakeTerminal();
    const code = run({ logLevel: 'warn', server: { listen } }, later);
    later.stop();
    expect(await code).toBe(130);
    expect(terminal.output + later.output).toBe('');
  });

  test('a node that ends by itself is an error, once everything is stopped', async () => {
    const datadir = await scratch();
    let server: AnyActorRef | undefined;
    const inspect = ({ actorRef }: InspectionEvent): void => {
      if ((actorRef as AnyActorRef).id === 'server') server = actorRef as AnyActorRef;
    };
    const terminal = new FakeTerminal();
    const options = { datadir, json: true, logLevel: 'warn', server: { listen, inspect } };
    const code = run(options, terminal);
    await terminal.report('started');
    server!.send({ type: 'stop' });
    await expect(code).rejects.toThrow('the server ended by itself');
    expect(terminal.reports.at(-1)).toMatchObject({ type: 'stopped' });
    expect(await readdir(datadir)).not.toContain('peerchart.ipc');
  });
});

test('with a data directory the first line names the socket of the admin API, which is gone after the stop', async () => {
  const datadir = await scratch();
  const { terminal, code } = begin({ datadir, identity: 'mine', admin: { http: { port: 0 } } });
  const first = await terminal.report('started');
  expect(first).toMatchObject({
    ipc: join(datadir, 'peerchart.ipc'),
    http: expect.stringMatching(/^http:/),
  });
  expect(await readdir(datadir)).toEqual(expect.arrayContaining(['LOCK', 'peerchart.ipc']));
  terminal.stop();
  expect(await code).toBe(0);
  expect(await readdir(datadir)).not.toContain('peerchart.ipc');
  expect(terminal.errors).toBe('');
});

test('lists of nodes in the data directory are read', async () => {
  const datadir = await scratch();
  const other = begin();
  const { enode, id } = await other.terminal.report('started');
  await writeFile(join(datadir, 'static-nodes.json'), JSON.stringify([enode]));
  const { terminal } = begin({ datadir });
  expect(await terminal.report('peer.added')).toMatchObject({ id, direction: 'static' });
});

test('a list of nodes in the data directory is mentioned', async () => {
  const datadir = await scratch();
  await writeFile(join(datadir, 'static-nodes.json'), '[]');
  const { terminal } = begin({ datadir, admin: { ipc: null } });
  await terminal.report('started');
  expect(terminal.errors).toBe(
    'peerchart: static-nodes.json is used; the option "staticNodes" would be preferred\n',
  );
});
