import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDiscv4 } from '../../src/cli/discv4-node.ts';
import { runProgram } from '../../src/cli/program.ts';
import { askOverUdp } from '../../src/cli/udp-check.ts';
import type { WhyReport } from '../../src/cli/why-report.ts';
import { formatEnode } from '../../src/io/crypto/enode.ts';
import { type Node, nodeAt } from '../../src/io/crypto/node.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { keyOf } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';

/** A node of this computer that answers discovery v4 and does not listen for TCP. */
async function udpNode(): Promise<Node> {
  const key = keyOf(1);
  const address = { host: '127.0.0.1', port: 0 };
  const { discv4 } = await openDiscv4({ address, key, clock: systemClock }, new FakeTerminal());
  onTestFinished(() => discv4.close());
  const { port } = discv4.local;
  const { id, publicKey } = key;
  return nodeAt({ id, publicKey, host: '127.0.0.1', udpPort: port, tcpPort: await closedPort() });
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a node that is asked over UDP', () => {
  test('answers when it is there', async () => {
    expect(await askOverUdp(await udpNode(), {}, new FakeTerminal())).toBe('pong');
  });

  test('with another key than that of the enode, has not answered', async () => {
    const { id, publicKey } = keyOf(2);
    const node = { ...(await udpNode()), id, publicKey };
    expect(await askOverUdp(node, {}, new FakeTerminal())).toBe('none');
  });

  test('is not asked without a UDP port, or at a name', async () => {
    const node = await udpNode();
    for (const wrong of [{ udpPort: 0 }, { hostKind: 'name' as const }])
      expect(await askOverUdp({ ...node, ...wrong }, {}, new FakeTerminal())).toBe('notAsked');
  });

  test('is not asked when no socket can be bound', async () => {
    const datagrams = () => Promise.reject(new Error('EACCES'));
    expect(await askOverUdp(await udpNode(), { datagrams }, new FakeTerminal())).toBe('notAsked');
  });
});

test('why says of a node that is only reached over UDP that it runs', async () => {
  const node = await udpNode();
  const terminal = new FakeTerminal();
  const enode = formatEnode({ ...node, hostKind: 'ipv4' });
  expect(await runProgram(['why', enode, '--json'], terminal)).toBe(1);
  const { state, explanation } = JSON.parse(terminal.output) as WhyReport;
  expect(state).toBe('connectionRefused');
  expect(explanation).toMatchObject({
    verdict: expect.stringMatching(/^The node runs: it answers discovery v4 over UDP\. Nothing /),
    confidence: 'likely',
    evidence: expect.arrayContaining(['it answered a ping of discovery v4']),
  });
});
