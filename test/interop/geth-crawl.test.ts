/** A crawl of servers of go-ethereum and of ours on one network: it finds and visits all of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { crawl } from '../../src/cli/crawl.ts';
import { offeredProtocol } from '../../src/cli/offered-protocols.ts';
import type { VisitRecord } from '../../src/crawl/visit-record.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';
import { scratch } from '../cli/scratch.ts';
import { startPeer } from './peer-process.ts';

/** Of each kind; the first one of go-ethereum's is the bootnode of all. */
const COUNT = 30;

const TIMEOUT_MS = 160_000;

test(
  `a crawl finds ${COUNT} servers of go-ethereum and ${COUNT} of ours, and visits each once`,
  async () => {
    const { ids: gethIds, bootnode } = await startGeth();
    const ourIds = await startOurs(bootnode);
    const out = join(await scratch(), 'nodes.ndjson');
    const terminal = new FakeTerminal();
    const crawled = crawl(
      {
        ...{ out, discovery: 'v4', bootnodes: [bootnode], udp: { host: '127.0.0.1', port: 0 } },
        ...{ parallel: 5, rate: 50, idle: 120, timeout: 150 },
      },
      terminal,
    );
    // tables check a new node before they name it to others, which takes a while
    await terminal.line((line) => line.includes(` ${2 * COUNT} of ${2 * COUNT} nodes visited`));
    terminal.stop();
    expect(await crawled).toBe(130);
    const records = (await readFile(out, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as VisitRecord);
    expect(records.map(({ id }) => id).sort()).toEqual([...gethIds, ...ourIds].sort());
    // a visit may run out of time while all these servers share two cores
    const accepted = records.filter(({ outcome }) => outcome === 'accepted');
    expect(accepted.length).toBeGreaterThan(COUNT);
    expect(records.filter(({ outcome }) => outcome !== 'accepted' && outcome !== 'failed')).toEqual(
      [],
    );
    const clientsOf = (ids: readonly string[]) =>
      new Set(
        accepted.flatMap(({ id, client }) => (ids.includes(id) ? client?.split('-')[0] : [])),
      );
    expect(clientsOf(gethIds)).toEqual(new Set(['visited']));
    expect(clientsOf(ourIds)).toEqual(new Set(['ours']));
    await new Promise((resolve) => setImmediate(resolve));
    expect(terminal.output).toContain('eth/69');
  },
  TIMEOUT_MS,
);

/** One process. */
async function startGeth() {
  const args = ['--mode', 'crowd', '--count', `${COUNT}`, '--name', 'visited'];
  const geth = await startPeer('geth', [...args, '--protocols', 'eth/69/18']);
  onTestFinished(() => geth[Symbol.asyncDispose]());
  const all = [geth.started];
  while (all.length < COUNT) all.push(await geth.next('started'));
  return { ids: all.map(({ id }) => id), bootnode: all[0]!.record! };
}

async function startOurs(bootnode: string) {
  const servers = Array.from(
    { length: COUNT },
    (_, index) =>
      new Server({
        ...{ nodeKey: generateNodeKey(), name: `ours-${index}`, noDial: true },
        ...{ listen: { host: '127.0.0.1', port: 0 }, discovery: 'v4', externalIp: '127.0.0.1' },
        ...{ bootnodes: [bootnode], protocols: [offeredProtocol({ name: 'eth', version: 69 })] },
      }),
  );
  onTestFinished(async () => void (await Promise.all(servers.map((server) => server.stop()))));
  for (const server of servers) await server.start();
  for (const { discovery, self } of servers)
    for await (const _node of discovery!.lookup(self.enr!)); // others learn of it
  return servers.map(({ self }) => self.id);
}
