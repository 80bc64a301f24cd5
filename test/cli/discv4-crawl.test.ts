import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { type Discv4CrawlOptions, discv4Crawl } from '../../src/cli/discv4-crawl.ts';
import { openDiscv4 } from '../../src/cli/discv4-node.ts';
import { CommandError } from '../../src/cli/error.ts';
import { type Node, nodeAt } from '../../src/io/crypto/node.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { StepClock } from '../support/step-clock.ts';
import { keyOf } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

/** A node that does not run. */
const { id, publicKey } = keyOf(3);
const silent = nodeAt({ id, publicKey, host: '127.0.0.1', udpPort: 9, tcpPort: 0 });

/** A node on the loopback address that answers, and names no others. */
async function quietNode(): Promise<Node> {
  const address = { host: '127.0.0.1', port: 0 };
  const { discv4, key } = await openDiscv4({ address, clock: systemClock }, new FakeTerminal());
  onTestFinished(() => discv4.close());
  const { id, publicKey } = key;
  const { host, port: udpPort } = discv4.local;
  return nodeAt({ id, publicKey, host, udpPort, tcpPort: 0 });
}

const options = (bootnodes: readonly Node[], changes: Partial<Discv4CrawlOptions> = {}) => ({
  ...{ bootnodes: bootnodes.map(({ text }) => text), timeout: 60, nodes: 100 },
  ...{ host: '127.0.0.1', port: 0, json: true, ...changes },
});

async function linesOf(path: string): Promise<readonly Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

describe('a crawl', () => {
  test('writes each node into the file, and exits with 0 when one answered', async () => {
    const path = join(await scratch(), 'nodes.jsonl');
    const [a, b] = [await quietNode(), await quietNode()];
    const terminal = new FakeTerminal();
    expect(await discv4Crawl(path, options([a, b, silent]), terminal)).toBe(0);
    const lines = await linesOf(path);
    expect(lines.map(({ id }) => id).sort()).toEqual([a.id, b.id, silent.id].sort());
    expect(lines.find(({ id }) => id === a.id)).toMatchObject({
      answered: true,
      enr: expect.stringMatching(/^enr:/),
      enode: a.text,
      rttMs: expect.any(Number),
      named: 0,
    });
    expect(lines.find(({ id }) => id === silent.id)).toMatchObject({ answered: false, seq: null });
    expect(JSON.parse(terminal.lines.at(-1)!)).toMatchObject({
      ...{ type: 'crawl.ended', known: 3, asked: 3, answered: 2, interrupted: false },
    });
  });

  test('exits with 130 after Ctrl-C, with 1 when none answered, and the file is whole', async () => {
    const folder = await scratch();
    const terminal = new FakeTerminal();
    terminal.stop();
    const node = await quietNode();
    expect(await discv4Crawl(join(folder, 'a'), options([node]), terminal)).toBe(130);
    expect(await linesOf(join(folder, 'a'))).toEqual([]);
    const path = join(folder, 'b');
    expect(await discv4Crawl(path, options([silent]), new FakeTerminal())).toBe(1);
    expect(await linesOf(path)).toHaveLength(1);
  });

  test('ends when its time is over, and shows its progress every 5 s', async () => {
    const clock = new StepClock();
    const terminal = new FakeTerminal();
    const path = join(await scratch(), 'nodes');
    const code = discv4Crawl(path, options([silent], { timeout: 12 }), terminal, clock);
    while (clock.pending < 3) await new Promise((resolve) => setImmediate(resolve)); // it is bound
    clock.advance(12_000);
    expect(await code).toBe(1);
    expect(terminal.lines.filter((line) => line.includes('crawl.progress'))).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  test('is a bar on a terminal', async () => {
    const terminal = Object.assign(new FakeTerminal(), { isTty: true });
    const clock = new StepClock();
    const node = await quietNode();
    const path = join(await scratch(), 'nodes');
    const code = discv4Crawl(path, options([node], { json: false, timeout: 1 }), terminal, clock);
    while (clock.pending < 3) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    await code;
    expect(terminal.output).toContain(`\r\u001b[K${'░'.repeat(24)} 0 of 1 nodes asked`);
    expect(terminal.output).toMatch(/nodes asked, \d answer, 1 s: .*nodes\n$/);
  });
});

describe('the mistakes of the user', () => {
  test('a file that exists is not overwritten', async () => {
    const path = join(await scratch(), 'nodes');
    await writeFile(path, 'mine');
    const node = await quietNode();
    await expect(discv4Crawl(path, options([node]), new FakeTerminal())).rejects.toThrow(
      /already exists and is not overwritten/,
    );
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  test('a crawl begins with at least one node', async () => {
    const path = join(await scratch(), 'nodes');
    await expect(discv4Crawl(path, options([]), new FakeTerminal())).rejects.toThrow(CommandError);
  });
});
