import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { type Discv4ListenReport, discv4Listen } from '../../src/cli/discv4-listen.ts';
import { CommandError } from '../../src/cli/error.ts';
import { nodePing } from '../../src/cli/node-ping.ts';
import { parseNode } from '../../src/io/crypto/node.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

const here = { host: '127.0.0.1', port: 0, json: true };

type ReportOf<Type> = Extract<Discv4ListenReport, { type: Type }>;

/** Listens in the background until the test is over. */
function listen(options = {}) {
  const terminal = new FakeTerminal();
  const code = discv4Listen({ ...here, ...options }, terminal);
  onTestFinished(async () => {
    terminal.stop();
    await code;
  });
  const next = async <Type extends Discv4ListenReport['type']>(type: Type) =>
    JSON.parse(await terminal.line((line) => line.includes(`"${type}"`))) as ReportOf<Type>;
  return { terminal, code, next };
}

test('a ping and the answer to ours are printed, and Ctrl-C ends with 0', async () => {
  const { terminal, code, next } = listen();
  const us = await next('discv4.listening');
  expect(parseNode(us.enr)).toMatchObject({ id: us.id, host: '127.0.0.1' });
  const pinging = new FakeTerminal();
  expect(
    await nodePing(parseNode(us.enode), { protocol: 'discv4', timeout: 5, json: true }, pinging),
  ).toBe(0);
  const pong = JSON.parse(pinging.output);
  expect(pong).toMatchObject({
    type: 'discv4.pong',
    id: us.id,
    seq: parseNode(us.enr).record?.seq,
  });
  const ping = await next('discv4.ping');
  expect(ping).toMatchObject({ proven: false, seq: expect.any(Number) });
  expect(parseNode(ping.enode).udpPort).toBe(Number(pong.seenAt.split(':')[1]));
  terminal.stop();
  expect(await code).toBe(0);
  expect(terminal.errors).toBe('');
});

describe('lines for people', () => {
  test('are the enode, the address and the record, then one for each ping', async () => {
    const { terminal } = listen({ json: false });
    const first = await terminal.line((line) => line.includes('enode://'));
    await terminal.line((line) => line.startsWith('listening on 127.0.0.1:'));
    await terminal.line((line) => line.startsWith('enr:'));
    const enode = /enode:\S+/.exec(first)![0];
    await nodePing(parseNode(enode), { protocol: 'discv4', timeout: 5 }, new FakeTerminal());
    expect(await terminal.line((line) => line.includes('ping'))).toMatch(/record \d+ \(new\)$/);
  });
});

test('a key file gives the same id again', async () => {
  const nodekey = join(await scratch(), 'nodekey');
  const ids = [];
  for (const _ of [1, 2]) {
    const { terminal, code, next } = listen({ nodekey });
    ids.push((await next('discv4.listening')).id);
    terminal.stop();
    await code;
  }
  expect(ids[0]).toBe(ids[1]);
});

test('an address that cannot be bound is the mistake of the user', async () => {
  const busy = await listen().next('discv4.listening');
  const port = parseNode(busy.enode).udpPort;
  await expect(discv4Listen({ ...here, port }, new FakeTerminal())).rejects.toThrow(CommandError);
});
