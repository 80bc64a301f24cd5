import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';

import { nodePing } from '../../src/cli/node-ping.ts';
import { nodeAt } from '../../src/io/crypto/node.ts';
import { keyOf } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';

/** A UDP port of this computer that reads and never answers. */
async function silentNode() {
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { id, publicKey } = keyOf(1);
  const { port } = socket.address();
  return { socket, node: nodeAt({ id, publicKey, host: '127.0.0.1', udpPort: port, tcpPort: 0 }) };
}

describe('a node that does not answer', () => {
  test('is pinged again until the time is over, and the exit code is 1', async () => {
    const { socket, node } = await silentNode();
    let pings = 0;
    socket.on('message', () => {
      pings += 1;
    });
    const terminal = new FakeTerminal();
    expect(await nodePing(node, { protocol: 'discv4', timeout: 1.2, json: true }, terminal)).toBe(
      1,
    );
    expect(JSON.parse(terminal.output)).toMatchObject({
      type: 'discv4.noPong',
      id: node.id,
      why: 'timedOut',
      attempts: pings,
    });
    expect(pings).toBe(2);
  });

  test('is not waited for after Ctrl-C', async () => {
    const { socket, node } = await silentNode();
    const terminal = new FakeTerminal();
    const code = nodePing(node, { protocol: 'discv4', timeout: 60 }, terminal);
    await once(socket, 'message');
    terminal.stop();
    expect(await code).toBe(1);
    expect(terminal.output).toMatch(/^[\d:]{8} \w{8} at 127\.0\.0\.1:\d+: Interrupted\.\n$/);
  });

  test('is not asked at all when it was interrupted before', async () => {
    const { node } = await silentNode();
    const terminal = new FakeTerminal();
    terminal.stop();
    expect(await nodePing(node, { protocol: 'discv4', timeout: 60, json: true }, terminal)).toBe(1);
    expect(JSON.parse(terminal.output)).toMatchObject({ attempts: 0, why: 'interrupted' });
  });
});

test('a node without a UDP port is not asked', async () => {
  const { id, publicKey } = keyOf(1);
  const node = nodeAt({ id, publicKey, host: '127.0.0.1', udpPort: 0, tcpPort: 1 });
  const terminal = new FakeTerminal();
  expect(await nodePing(node, { protocol: 'discv4', timeout: 5 }, terminal)).toBe(1);
  expect(terminal.output).toContain('not asked: the node has no IP address, or no UDP port');
});
