import { expect, onTestFinished, test } from 'vitest';

import { openDiscv5 } from '../../src/cli/discv5-node.ts';
import { discv5Talk } from '../../src/cli/discv5-talk.ts';
import { nodeOfRecord } from '../../src/io/crypto/node.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { FakeTerminal } from './fake-terminal.ts';

/** A node that answers messages of the protocol `echo`. */
async function echoing() {
  const address = { host: '127.0.0.1', port: 0 };
  const { discv5, record } = await openDiscv5({ address, clock: systemClock }, new FakeTerminal());
  onTestFinished(() => discv5.close());
  discv5.handleTalk('echo', ({ payload }) => payload);
  return nodeOfRecord(record);
}

test('a response is printed as text, or as hex in an object', async () => {
  const node = await echoing();
  const terminal = new FakeTerminal();
  const message = { protocol: 'echo', text: 'hello' };
  expect(await discv5Talk(node, message, {}, terminal)).toBe(0);
  expect(await discv5Talk(node, message, { json: true }, terminal)).toBe(0);
  const [line, json] = terminal.lines;
  expect(line).toMatch(/hello$/);
  expect(JSON.parse(json!)).toMatchObject({ type: 'talk.response', hex: '68656c6c6f' });
});

test('an empty response says what that means', async () => {
  const terminal = new FakeTerminal();
  const message = { protocol: 'other', text: 'hello' };
  expect(await discv5Talk(await echoing(), message, {}, terminal)).toBe(0);
  expect(terminal.output).toContain('the node does not speak other');
});

test('a node that does not answer gives the exit code 1, and Ctrl-C 130', async () => {
  const node = { ...(await echoing()), udpPort: 9 };
  const terminal = new FakeTerminal();
  const message = { protocol: 'echo', text: '' };
  expect(await discv5Talk(node, message, {}, terminal)).toBe(1);
  expect(terminal.output).toContain('no response: the node did not answer');
  terminal.stop();
  expect(await discv5Talk(node, message, {}, terminal)).toBe(130);
});
