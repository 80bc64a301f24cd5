import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type CrawlCommandOptions, crawl } from '../../src/cli/crawl.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { eth } from '../../src/protocols/eth.ts';
import { NETWORKS } from '../../src/protocols/networks.ts';
import { Server } from '../../src/server.ts';
import { bundledProgram } from '../support/child-program.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

async function startNode(bootnodes: readonly string[] = []): Promise<Server> {
  const server = new Server({
    ...{ nodeKey: generateNodeKey(), listen: { host: '127.0.0.1', port: 0 }, noDial: true },
    ...{ name: 'Crawled/v1.2.3', protocols: eth({ chain: NETWORKS.sepolia.chain }).protocols },
    ...{ discovery: 'v4', externalIp: '127.0.0.1', bootnodes },
  });
  await server.start();
  onTestFinished(() => server.stop());
  return server;
}

/** Another node, which `first` has checked, so that it names it to others. */
async function startKnown(first: Server): Promise<Server> {
  const node = await startNode([first.self.enr!]);
  await vi.waitFor(
    () => expect(first.discovery!.readRandomNodes(1).map(({ id }) => id)).toEqual([node.self.id]),
    20_000,
  );
  return node;
}

const optionsOf = async (
  bootnode: string,
): Promise<CrawlCommandOptions & { readonly out: string }> => ({
  ...{ out: join(await scratch(), 'nodes.ndjson'), network: 'sepolia', discovery: 'v4' },
  ...{ bootnodes: [bootnode], parallel: 10, rate: 100, idle: 2, timeout: 30 },
  udp: { host: '127.0.0.1', port: 0 },
});

describe('the command crawl', () => {
  test('writes a record of each node, and a summary; the next one visits none again', async () => {
    const first = await startNode();
    const second = await startKnown(first);
    const options = await optionsOf(first.self.enr!);
    const terminal = new FakeTerminal();
    expect(await crawl(options, terminal)).toBe(0);
    const text = await readFile(options.out, 'utf8');
    const records = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ id }) => id).sort()).toEqual([first.self.id, second.self.id].sort());
    for (const record of records)
      expect(record).toMatchObject({ client: 'Crawled/v1.2.3', networkId: 11_155_111 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(terminal.output).toContain('No node is left to visit: 2 of 2 nodes visited');
    expect(terminal.output).toContain('crawled v1.2.3  2');

    const again = new FakeTerminal();
    expect(await crawl({ ...options, json: true }, again)).toBe(0);
    const later = await readFile(options.out, 'utf8');
    expect(later.startsWith(text)).toBe(true);
    for (const { self } of [first, second]) expect(later.split(self.id).length).toBe(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(JSON.parse(again.lines.at(-1)!)).toMatchObject({
      ...{ type: 'crawl.ended', outcome: 'finished', accepted: 0 },
      summary: { clients: [['crawled', 2]] },
    });
  });

  test('several threads visit each node once, and say how much memory they used', async () => {
    const first = await startNode();
    const second = await startKnown(first);
    const options = await optionsOf(first.self.enr!);
    const terminal = new FakeTerminal();
    const program = await bundledProgram('src/cli/crawl-thread.ts');
    expect(await crawl({ ...options, workers: 2, json: true }, terminal, {}, program)).toBe(0);
    const lines = (await readFile(options.out, 'utf8')).trimEnd().split('\n');
    const ids = [first.self.id, second.self.id];
    const visited = lines.map((line) => JSON.parse(line).id).filter((id) => ids.includes(id)); // threads find each other, too
    expect(visited.sort()).toEqual(ids.sort());
    await new Promise((resolve) => setImmediate(resolve));
    expect(JSON.parse(terminal.lines.at(-1)!)).toMatchObject({
      ...{ type: 'crawl.ended', outcome: 'finished', accepted: 2 },
      heapBytes: [expect.any(Number), expect.any(Number)],
    });
  });

  test('needs a place for its records', async () => {
    const { out: _, ...options } = await optionsOf((await startNode()).self.enr!);
    await expect(crawl(options, new FakeTerminal())).rejects.toThrow('--out, --db or --queue');
  });

  test('ends with Ctrl-C', async () => {
    const node = await startNode();
    const terminal = new FakeTerminal();
    const crawled = crawl({ ...(await optionsOf(node.self.enr!)), idle: 60 }, terminal);
    await terminal.line((line) => line.includes('visited'));
    terminal.stop();
    expect(await crawled).toBe(130);
  });

  test('does not touch a file that is none of a crawl', async () => {
    const options = await optionsOf('enode://…');
    await writeFile(options.out, 'my notes\n');
    const crawled = crawl(
      { ...options, bootnodes: NETWORKS.sepolia.bootnodes },
      new FakeTerminal(),
    );
    await expect(crawled).rejects.toThrow('line 1 is no line of a crawl');
    expect(await readFile(options.out, 'utf8')).toBe('my notes\n');
  });

  test('says that a database cannot be used', async () => {
    const options = { ...(await optionsOf('enode://…')), bootnodes: NETWORKS.sepolia.bootnodes };
    const crawled = crawl({ ...options, db: 'mysql://nowhere' }, new FakeTerminal());
    await expect(crawled).rejects.toThrow('sqlite:<file>');
  });
});
