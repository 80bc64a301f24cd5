import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ServerError } from '../../src/api/server-error.ts';
import { CommandError } from '../../src/cli/error.ts';
import { run } from '../../src/cli/run.ts';
import { parseRecord } from '../../src/io/crypto/node.ts';
import { endpointOf } from '../../src/io/crypto/node-record.ts';
import { timeOfDay } from '../../src/io/process/wall-time.ts';
import { clientName } from '../../src/node/client-name.ts';
import { askAt, eventsOf, signInAt, watchAt } from '../inspect/web/page-server-fixture.ts';
import { turns } from '../support/turn.ts';
import { begin, listen, type Wishes } from './begin-run.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { keptAwake } from './kept-awake.ts';
import { listening } from './listening.ts';
import { scratch } from './scratch.ts';

describe('two servers', () => {
  test('report their messages, and one reports why the other disconnects', async () => {
    const host = begin({ echo: true });
    const { enode, id } = await host.terminal.report('started');
    const guest = begin({ say: 'hello', server: { staticNodes: [enode], name: 'guest' } });
    const self = await guest.terminal.report('started');

    expect(await guest.terminal.report('peer.added')).toMatchObject({
      id,
      enode,
      protocols: ['echo/1'],
      direction: 'static',
    });
    expect(await host.terminal.report('peer.added')).toMatchObject({
      id: self.id,
      client: 'guest',
      capabilities: ['echo/1'],
      direction: 'inbound',
    });
    expect(await host.terminal.report('message')).toEqual({
      time: host.terminal.wallTime(),
      type: 'message',
      peer: self.id,
      kind: 'said',
      text: 'hello',
    });
    expect(await guest.terminal.report('message')).toEqual({
      time: guest.terminal.wallTime(),
      type: 'message',
      peer: id,
      kind: 'echoed',
      text: 'hello',
    });

    guest.terminal.stop();

    expect(await host.terminal.report('peer.dropped')).toMatchObject({
      id: self.id,
      outcome: 'refused',
      reason: 'clientQuitting',
      state: 'ending.refused.clientQuitting',
    });
    expect(await guest.code).toBe(0);
    expect(guest.terminal.reports.map(({ type }) => type)).toEqual([
      'started',
      'peer.added',
      'message',
      'stopping',
      'peer.dropped',
      'stopped',
    ]);
    expect(host.terminal.errors + guest.terminal.errors).toBe('');
  });

  test('are reported to people in short lines', async () => {
    const host = begin({ echo: true });
    const { enode, id, listening: place } = await host.terminal.report('started');
    const { terminal, code } = begin({ json: false, say: 'hi', server: { staticNodes: [enode] } });

    await terminal.line((line) => line.includes('echoed'));
    terminal.stop();
    await code;

    const short = id.slice(0, 8);
    const time = timeOfDay(terminal.wallTime());
    expect(terminal.lines).toEqual([
      expect.stringMatching(/^\d\d:\d\d:09 enode:\/\/[0-9a-f]{128}@127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^listening on 127\.0\.0\.1:\d+$/),
      `${time} + ${short} static ${place} "${clientName(undefined)}" echo/1`,
      `${time}   ${short} echoed "hi"`,
      `${time} Stopping; press Ctrl-C again to force`,
      `${time} - ${short} This server is stopping. [ending.rejected.clientQuitting]`,
      `${time} stopped`,
    ]);
  });

  test('one of them full: both report the same reason', async () => {
    const host = begin({ server: { maxPeers: 0 } });
    const { enode, id } = await host.terminal.report('started');
    const guest = begin({ server: { staticNodes: [enode] } });

    expect(await host.terminal.report('connection.ended')).toMatchObject({
      direction: 'inbound',
      outcome: 'rejected',
      reason: 'tooManyPeers',
      state: 'rejected.tooManyPeers',
      during: 'postHandshakeCheckpoint',
    });
    expect(await guest.terminal.report('connection.ended')).toMatchObject({
      id,
      outcome: 'refused',
      state: 'refused.tooManyPeers',
      during: 'protoHandshake',
    });
    expect(await guest.terminal.report('dial.failed')).toMatchObject({ id, state: 'setupFailed' });
  });

  test('one of them full, the other trusted', async () => {
    const key = join(await scratch(), 'nodekey');
    const first = begin({ nodekey: key });
    const trusted = await first.terminal.report('started');
    first.terminal.stop();
    await first.code;
    const host = begin({ server: { maxPeers: 0, trustedNodes: [trusted.enode] } });
    const { enode } = await host.terminal.report('started');

    begin({ nodekey: key, server: { staticNodes: [enode] } });

    expect(await host.terminal.report('peer.added')).toMatchObject({ id: trusted.id });
  });
});

describe('our Hello', () => {
  test.for<[string, Wishes, readonly string[]]>([
    ['what Ethereum nodes speak', {}, ['eth/68', 'eth/69', 'eth/70', 'eth/71', 'eth/72']],
    ['only echo/1 with it', { echo: true }, ['echo/1']],
    ['the given capabilities', { offer: [{ name: 'eth', version: 72 }] }, ['eth/72']],
    [
      'the given capabilities and echo/1 once',
      { say: 'hi', offer: ['eth', 'echo'].map((name) => ({ name, version: 1 })) },
      ['echo/1', 'eth/1'],
    ],
  ])('offers %s', async ([, wishes, capabilities]) => {
    const host = begin(wishes);
    const { enode } = await host.terminal.report('started');
    const { terminal } = begin({ ...wishes, server: { staticNodes: [enode] } });
    const added = await terminal.report('peer.added');
    expect(added).toMatchObject({ capabilities });
  });
});

describe('the first line', () => {
  test('is printed before a dial that fails at once', async () => {
    const other = begin();
    const { enode } = await other.terminal.report('started');
    const { terminal } = begin({ server: { staticNodes: [enode.replace(/:\d+$/, ':0')] } });

    await terminal.report('dial.failed');

    expect(terminal.reports.map(({ type }) => type)).toEqual(['started', 'dial.failed']);
  });

  test('has the same id again with a key file, which is created the first time', async () => {
    const nodekey = join(await scratch(), 'data', 'nodekey');
    const ids = [];
    for (const _ of [1, 2]) {
      const { terminal, code } = begin({ nodekey });
      ids.push((await terminal.report('started')).id);
      terminal.stop();
      await code;
    }
    expect(ids[0]).toBe(ids[1]);
  });

  test('has the same id again with a data directory, and a record with a higher number', async () => {
    const datadir = join(await scratch(), 'node');
    const records = [];
    for (const _ of [1, 2]) {
      const { terminal, code } = begin({ datadir, server: { listen, externalIp: '198.51.100.7' } });
      records.push(parseRecord(`${(await terminal.report('started'))['enr']}`));
      terminal.stop();
      await code;
      expect(terminal.errors).toBe('');
    }
    const [first, second] = records;
    expect(first!.id).toBe(second!.id);
    expect(first!.seq).toBeLessThan(second!.seq);
    expect(endpointOf(second!).host).toBe('198.51.100.7');
  });

  test('with a data directory that another one uses is not printed: the error names its process', async () => {
    const datadir = await scratch();
    const first = begin({ datadir });
    await first.terminal.report('started');
    const second = run({ datadir, logLevel: 'warn', server: { listen } }, new FakeTerminal());
    await expect(second).rejects.toMatchObject({ name: 'NodeError', kind: 'inUse' });
    await expect(second).rejects.toThrow(String(process.pid));
  });

  test('has the id of another that creates the same key file at the same time', async () => {
    const nodekey = join(await scratch(), 'nodekey');
    const started = [1, 2, 3].map(() => begin({ nodekey }).terminal.report('started'));
    const ids = (await Promise.all(started)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
  });
});

async function firstFrame(stream: Parameters<typeof eventsOf>[0]) {
  for await (const { event, data } of eventsOf(stream))
    if (event === undefined && data !== undefined) return JSON.parse(data);
}

test('a list of nodes may have our own enode: a line says that it is left out', async () => {
  const nodekey = join(await scratch(), 'nodekey');
  const first = begin({ nodekey });
  const { enode } = await first.terminal.report('started');
  first.terminal.stop();
  await first.code;

  const { terminal, code } = begin({ nodekey, server: { listen, staticNodes: [enode] } });
  await terminal.report('started');
  await turns();
  expect(terminal.errors).toBe(
    'peerchart: our own enode among the nodes is left out: a node does not dial itself\n',
  );
  terminal.stop();
  expect(await code).toBe(0);
});

describe('an inspector', () => {
  test('prints its link in the first line, and a new link after a visit without a valid one', async () => {
    const { terminal, code } = begin({ inspector: {} });
    const { inspect } = await terminal.report('started');
    const { origin, port } = new URL(inspect!);
    expect((await signInAt(Number(port), inspect!)).status).toBe(200);
    expect((await signInAt(Number(port), inspect!)).status).toBe(401);

    const { link } = await terminal.report('inspect.link');

    expect(link.startsWith(`${origin}/?code=`)).toBe(true);
    expect((await signInAt(Number(port), link)).status).toBe(200);
    terminal.stop();
    expect(await code).toBe(0);
    await expect(askAt(Number(port), '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(terminal.errors).toBe('');
  });

  test('has seen the start, and a first dial that failed', async () => {
    const other = begin();
    const { enode } = await other.terminal.report('started');
    const staticNodes = [enode.replace(/:\d+$/, ':0')];
    const { terminal } = begin({ inspector: {}, server: { staticNodes } });
    const { inspect } = await terminal.report('started');
    const port = Number(new URL(inspect!).port);
    const { token } = await signInAt(port, inspect!);
    const { names, log, endings } = await firstFrame(await watchAt(port, '/api/stream', token!));
    const seen = (log as number[][]).map(([, , , event]) => names[event!]);
    expect(seen).toEqual(expect.arrayContaining(['start', 'listener.bound']));
    expect(endings).toMatchObject([{ state: 'noTcpPort' }]);
  });

  test('closes when the start fails', async () => {
    const [taken, free] = [createServer(), createServer()];
    const port = await listening(taken);
    const inspectPort = await listening(free);
    await new Promise((resolve) => free.close(resolve));
    const terminal = new FakeTerminal();
    const options = { logLevel: 'trace', server: { listen: { host: '127.0.0.1', port } } };
    const ran = run({ ...options, inspector: { port: inspectPort } }, terminal);
    await expect(ran).rejects.toMatchObject({ code: 'startFailed' });
    await expect(askAt(inspectPort, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(terminal.output + terminal.errors).toBe('');
  });

  test('is not opened without its option', async () => {
    const { terminal } = begin();
    expect(await terminal.report('started')).not.toHaveProperty('inspect');
  });

  test('on an address that others can reach prints a warning', async () => {
    const { terminal } = begin({ inspector: { host: '0.0.0.0' } });
    await terminal.report('started');
    await turns();
    expect(terminal.errors).toContain('There is no TLS');
  });

  test('that cannot listen stops the server, and nothing is printed', async () => {
    const port = await listening(createServer());
    const terminal = new FakeTerminal();
    const options = { logLevel: 'trace', server: { listen }, inspector: { port } };
    await expect(run(options, terminal)).rejects.toMatchObject({ code: 'inspectFailed' });
    expect(terminal.output + terminal.errors).toBe('');
  });
});

describe('errors are thrown, and nothing is printed', () => {
  test('a port for the metrics in use', async () => {
    const metricsPort = await listening(createServer());
    const terminal = new FakeTerminal();
    const options = { logLevel: 'trace', server: { listen }, metricsPort };
    await expect(run(options, terminal)).rejects.toThrow(/^the metrics server: listen EADDRINUSE/);
    expect(terminal.output + terminal.errors).toBe('');
  });

  test('a port in use', async () => {
    const port = await listening(createServer());
    const terminal = new FakeTerminal();
    const options = { logLevel: 'trace', server: { listen: { host: '127.0.0.1', port } } };

    await expect(run(options, terminal)).rejects.toMatchObject({
      name: ServerError.name,
      code: 'startFailed',
    });

    expect(terminal.output + terminal.errors).toBe('');
  });

  test('a name that is too long', async () => {
    const options = { logLevel: 'warn', server: { listen, name: 'x'.repeat(257) } };
    await expect(run(options, new FakeTerminal())).rejects.toBeInstanceOf(CommandError);
  });

  test('a file that contains no key', async () => {
    const options = { nodekey: await scratch(), logLevel: 'warn', server: { listen } };
    await expect(run(options, new FakeTerminal())).rejects.toMatchObject({ flaw: 'notAFile' });
  });
});

test('logs go to stderr, as JSON', async () => {
  const { terminal, code } = begin({ logLevel: 'info' });
  await terminal.report('started');
  terminal.stop();
  await code;
  expect(
    terminal.errors
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toContainEqual(expect.objectContaining({ msg: 'stopped' }));
});

test('a run that has ended leaves no timer that keeps the process running', async () => {
  const left = keptAwake();
  const { terminal, code } = begin();
  await terminal.report('started');
  await turns();
  expect(left()).toBe(1);
  terminal.stop();
  await code;
  expect(left()).toBe(0);
});
