import { describe, expect, onTestFinished, test } from 'vitest';
import { CommandError } from '../../src/cli/error.ts';
import { type FindOptions, nodeLookup, nodeResolve } from '../../src/cli/node-find.ts';
import { type Node, nodeAt, parseNode } from '../../src/io/crypto/node.ts';
import { Server } from '../../src/server.ts';
import { keyOf } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';

const here = { host: '127.0.0.1', port: 0 };

/** A server that only discovers, and is stopped at the end of the test. */
async function found(seed: number, discovery: 'v4' | 'v5' = 'v4'): Promise<Node> {
  const server = new Server({ nodeKey: keyOf(seed), listen: here, noDial: true, discovery });
  await server.start();
  onTestFinished(() => server.stop());
  return parseNode(server.self.enode);
}

const options = (bootnodes: readonly Node[], changes: Partial<FindOptions> = {}) => ({
  ...{
    ...here,
    version: 'v4' as const,
    timeout: 30,
    json: true,
    bootnodes: bootnodes.map(({ text }) => text),
  },
  ...changes,
});

const reportsOf = (terminal: FakeTerminal): readonly Record<string, unknown>[] =>
  terminal.lines.map((line) => JSON.parse(line));

describe('a lookup', () => {
  test('prints each node on the way, and how many there are', async () => {
    const boot = await found(1);
    const terminal = new FakeTerminal();
    expect(await nodeLookup(undefined, options([boot]), terminal)).toBe(0);
    const reports = reportsOf(terminal);
    expect(reports[0]).toMatchObject({ type: 'lookup.node', id: boot.id });
    expect(reports.at(-1)).toMatchObject({ type: 'lookup.ended', nodes: reports.length - 1 });
  });

  test('with v5 does the same', async () => {
    const boot = await found(1, 'v5');
    const terminal = new FakeTerminal();
    const code = await nodeLookup(undefined, options([boot], { version: 'v5' }), terminal);
    expect([code, reportsOf(terminal)[0]]).toMatchObject([0, { type: 'lookup.node', id: boot.id }]);
  });

  test('ends with 130 after Ctrl-C', async () => {
    const terminal = new FakeTerminal();
    terminal.stop();
    expect(await nodeLookup(undefined, options([await found(1)]), terminal)).toBe(130);
  });

  test('begins with at least one node', async () => {
    await expect(nodeLookup(undefined, options([]), new FakeTerminal())).rejects.toThrow(
      CommandError,
    );
  });
});

describe('a node', () => {
  test('that answers is resolved to its record', async () => {
    const node = await found(1);
    const terminal = new FakeTerminal();
    expect(await nodeResolve(node, options([]), terminal)).toBe(0);
    expect(reportsOf(terminal)).toEqual([
      expect.objectContaining({
        ...{ type: 'resolve.found', id: node.id, seq: expect.any(Number) },
        enr: expect.stringMatching(/^enr:/),
      }),
    ]);
  });

  test('that answers with v5 is resolved to its record', async () => {
    const node = await found(1, 'v5');
    const terminal = new FakeTerminal();
    expect(await nodeResolve(node, options([], { version: 'v5' }), terminal)).toBe(0);
    expect(reportsOf(terminal)).toMatchObject([{ type: 'resolve.found', id: node.id }]);
  });

  test('that does not answer is not found', async () => {
    const { id, publicKey } = keyOf(3);
    const node = nodeAt({ id, publicKey, host: '127.0.0.1', udpPort: 9, tcpPort: 9 });
    const terminal = new FakeTerminal();
    expect(await nodeResolve(node, options([]), terminal)).toBe(1);
    expect(reportsOf(terminal)).toMatchObject([{ type: 'resolve.notFound', id }]);
  });
});
