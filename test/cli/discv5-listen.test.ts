import { expect, onTestFinished, test } from 'vitest';

import { type Discv5ListenReport, discv5Listen } from '../../src/cli/discv5-listen.ts';
import { nodePing } from '../../src/cli/node-ping.ts';
import { parseNode } from '../../src/io/crypto/node.ts';
import { FakeTerminal } from './fake-terminal.ts';

type ReportOf<Type> = Extract<Discv5ListenReport, { type: Type }>;

/** Listens in the background until the test is over. */
function listen(options = {}) {
  const terminal = new FakeTerminal();
  const code = discv5Listen({ host: '127.0.0.1', port: 0, json: true, ...options }, terminal);
  onTestFinished(async () => {
    terminal.stop();
    await code;
  });
  const next = async <Type extends Discv5ListenReport['type']>(type: Type) =>
    JSON.parse(await terminal.line((line) => line.includes(`"${type}"`))) as ReportOf<Type>;
  return { terminal, code, next };
}

test('a ping is answered and printed, and Ctrl-C ends with 0', async () => {
  const { terminal, code, next } = listen();
  const us = await next('discv5.listening');
  const node = parseNode(us.enr);
  expect(node).toMatchObject({ id: us.id, host: '127.0.0.1' });
  const pinging = new FakeTerminal();
  expect(await nodePing(node, { protocol: 'discv5', timeout: 5, json: true }, pinging)).toBe(0);
  const pong = JSON.parse(pinging.output);
  expect(pong).toMatchObject({ type: 'discv5.pong', id: us.id, seq: node.record?.seq });
  expect(await next('discv5.ping')).toMatchObject({ from: pong.seenAt, seq: expect.any(Number) });
  terminal.stop();
  expect(await code).toBe(0);
  expect(terminal.errors).toBe('');
});

test('lines for people are the record and the address, then one for each ping', async () => {
  const { terminal } = listen({ json: false });
  const enr = await terminal.line((line) => line.includes('enr:'));
  await terminal.line((line) => line.startsWith('listening on 127.0.0.1:'));
  const node = parseNode(/enr:\S+/.exec(enr)![0]);
  await nodePing(node, { protocol: 'discv5', timeout: 5 }, new FakeTerminal());
  expect(await terminal.line((line) => line.includes('ping'))).toMatch(/from 127.*, record \d+$/);
});
