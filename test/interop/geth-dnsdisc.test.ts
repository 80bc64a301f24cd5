/** DNS node lists with go-ethereum's own client and maker of lists: each reads what the other signed. */
import { describe, expect, test } from 'vitest';

import { Inspection } from '../../src/actors/inspection.ts';
import { dnsSync } from '../../src/cli/dns-sync.ts';
import { parseTreeUrl } from '../../src/io/crypto/dns-tree-entry.ts';
import { defaultSet, primitivesOf } from '../../src/io/crypto/primitive-sets.ts';
import { systemRandom } from '../../src/io/crypto/primitives.ts';
import { DnsTrees } from '../../src/server/dns-trees.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';
import { NameServer, settled } from '../support/dns-run.ts';
import { makeTree, recordText } from '../support/dns-trees.ts';
import { StepClock } from '../support/step-clock.ts';
import { keyOf } from '../support/world.ts';
import { startPeer } from './peer-process.ts';

const LINK = 'enrtree://AM5FCQLWIZX2QFPNJAP7VUERCCRNGRHWZG3YYHIUV7BVDQ5FDPRT2@more.example.org';

/** More than one branch can name, and more than two levels. */
const RECORDS = Array.from({ length: 200 }, (_, index) => recordText(index + 1));

const startGeth = () => startPeer('geth', ['-mode', 'dnsdisc']);

const namesOf = (zone: Readonly<Record<string, string>>) =>
  new NameServer({ zone: new Map(Object.entries(zone)) });

/** What `dns sync` says, on a clock that does not wait. */
async function synced(url: string, server: NameServer) {
  const terminal = new FakeTerminal();
  const clock = new StepClock();
  let code: number | null = null;
  const over = dnsSync(parseTreeUrl(url), undefined, { timeout: 3_600, json: true }, terminal, {
    ...{ clock, txtResolver: server.resolve },
  }).then((exit) => {
    code = exit;
  });
  while (code === null) {
    await settled();
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(100);
  }
  await over;
  await new Promise((resolve) => setImmediate(resolve));
  return { code, list: JSON.parse(terminal.output) };
}

describe('we read what go-ethereum signed', () => {
  test('a whole list of 200 nodes with a link', async () => {
    await using geth = await startGeth();
    geth.send({ cmd: 'tree', domain: 'nodes.example.org', nodes: RECORDS, links: [LINK], seed: 7 });
    const { url, zone } = await geth.next('tree');
    const { code, list } = await synced(url, namesOf(zone));
    expect(code).toBe(0);
    expect(list).toMatchObject({ seq: 7, links: [LINK], failures: {} });
    expect(list.nodes).toEqual([...RECORDS].sort());
  });

  test('a list without nodes, and one with a single one', async () => {
    await using geth = await startGeth();
    for (const nodes of [[], RECORDS.slice(0, 1)]) {
      geth.send({ cmd: 'tree', domain: 'n', nodes, links: [], seed: 1 });
      const { url, zone } = await geth.next('tree');
      expect((await synced(url, namesOf(zone))).list).toMatchObject({ seq: 1, nodes });
    }
  });

  test('random nodes of a list and of one that it links to', async () => {
    await using other = await startGeth();
    other.send({ cmd: 'tree', domain: 'b', nodes: RECORDS.slice(5, 10), links: [], seed: 1 });
    const linked = await other.next('tree');
    await using geth = await startGeth();
    geth.send({
      cmd: 'tree',
      domain: 'a',
      nodes: RECORDS.slice(0, 5),
      links: [linked.url],
      seed: 1,
    });
    const { url, zone } = await geth.next('tree');
    const clock = new StepClock();
    const lists = new DnsTrees(
      {
        dnsTrees: [parseTreeUrl(url)],
        ports: {
          ...{ clock, random: systemRandom, ...primitivesOf(defaultSet()) },
          txtResolver: namesOf({ ...zone, ...linked.zone }).resolve,
        },
      },
      { onRootFailed: () => {}, onFault: () => {}, inspection: new Inspection(() => {}) },
    );
    const nodes = lists.walk()[Symbol.asyncIterator]();
    const found = new Set<string>();
    while (found.size < 10) {
      let isTaken = false;
      void nodes.next().then(({ value }) => {
        isTaken = true;
        found.add(value.text);
      });
      while (!isTaken) {
        await settled();
        clock.advance(100);
      }
    }
    expect([...found].sort()).toEqual(RECORDS.slice(0, 10).sort());
    lists.destroy();
  });
});

describe('go-ethereum reads what we signed', () => {
  test('a whole list of 200 nodes with a link', async () => {
    await using geth = await startGeth();
    const { url, zone } = makeTree({ seq: 9, records: RECORDS, links: [LINK] });
    geth.send({ cmd: 'sync', url, zone: Object.fromEntries(zone) });
    const { seq, nodes, links } = await geth.next('synced');
    expect([seq, links]).toEqual([9, [LINK]]);
    expect([...nodes].sort()).toEqual([...RECORDS].sort());
  });

  test('random nodes of a list and of one that it links to', async () => {
    await using geth = await startGeth();
    const linked = makeTree({ domain: 'b', key: keyOf(901), records: RECORDS.slice(5, 10) });
    const { url, zone } = makeTree({
      ...{ domain: 'a', records: RECORDS.slice(0, 5), links: [linked.url] },
    });
    const both = Object.fromEntries([...zone, ...linked.zone]);
    geth.send({ cmd: 'walk', url, zone: both, count: 10 });
    const { nodes } = await geth.next('synced');
    expect([...nodes].sort()).toEqual(RECORDS.slice(0, 10).sort());
  });

  test('and refuses, as we do, a root of another key and an entry of another hash', async () => {
    await using geth = await startGeth();
    const tree = makeTree({ records: RECORDS.slice(0, 3) });
    const forged = makeTree({ records: RECORDS.slice(0, 3), key: keyOf(901) });
    const swapped = new Map(tree.zone);
    const [first, second] = [...tree.zone].filter(([, text]) => text.startsWith('enr:'));
    swapped.set(first![0], second![1]);
    for (const [zone, theirs, ours] of [
      [forged.zone, /signature/, 'badRootSignature'],
      [swapped, /hash mismatch/, 'hashMismatch'],
    ] as const) {
      geth.send({ cmd: 'sync', url: tree.url, zone: Object.fromEntries(zone) });
      expect((await geth.next('error')).error).toMatch(theirs);
      const { code, list } = await synced(tree.url, new NameServer({ zone }));
      expect([code, list.failures]).toEqual([1, { [ours]: 1 }]);
    }
  });
});
