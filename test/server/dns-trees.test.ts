import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Inspection } from '../../src/actors/inspection.ts';
import { entryName, parseTreeUrl, treeLink } from '../../src/io/crypto/dns-tree-entry.ts';
import type { Node } from '../../src/io/crypto/node.ts';
import { noblePrimitives } from '../../src/io/crypto/primitives.ts';
import { MAX_TREES } from '../../src/io/discovery/dns-nodes.ts';
import { TXT_TIMEOUT_MS } from '../../src/io/discovery/txt-queries.ts';
import { formatBranch } from '../../src/io/wire/dns-tree.ts';
import { ROOT_RECHECK_MS, ROUND_PAUSE_MS } from '../../src/machines/discovery/dns-tree.ts';
import { DnsTrees } from '../../src/server/dns-trees.ts';
import { countingRandom, NameServer, settled } from '../support/dns-run.ts';
import { type MadeTree, makeTree, recordText } from '../support/dns-trees.ts';
import { StepClock } from '../support/step-clock.ts';
import { keyOf } from '../support/world.ts';

function runTrees(server: NameServer, ...trees: readonly Pick<MadeTree, 'url'>[]) {
  const clock = new StepClock();
  const faults: unknown[] = [];
  const failed: string[] = [];
  const lists = new DnsTrees(
    {
      dnsTrees: trees.map(({ url }) => parseTreeUrl(url)),
      ports: {
        ...{ clock, random: countingRandom(), primitives: noblePrimitives },
        txtResolver: server.resolve,
      },
    },
    {
      onRootFailed: (url, why) => failed.push(`${url} ${why}`),
      onFault: (error) => faults.push(error),
      inspection: new Inspection(() => {}),
    },
  );
  const nodes = lists.walk()[Symbol.asyncIterator]();
  /** The next node; null when there is none within `ms`. */
  const take = async (ms = 60_000): Promise<Node | null> => {
    let taken: Node | null | undefined;
    void nodes.next().then(({ value }) => {
      taken = value ?? null;
    });
    for (let passed = 0; taken === undefined && passed <= ms; passed += 250) {
      await settled();
      if (taken === undefined) clock.advance(250);
    }
    return taken ?? null;
  };
  const takeIds = async (count: number): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (let i = 0; i < count; i += 1) ids.push((await take())?.id ?? 'none');
    return ids.sort();
  };
  return { lists, nodes, clock, faults, failed, take, takeIds };
}

const list = (index: number, parts: Partial<Parameters<typeof makeTree>[0]> = {}): MadeTree =>
  makeTree({
    ...{ domain: `list${index}.example.org`, key: keyOf(900 + index) },
    ...{ records: [recordText(index)] },
    ...parts,
  });

const idsOf = (...indexes: readonly number[]) => indexes.map((index) => keyOf(index).id).sort();

describe('DNS node lists of a server', () => {
  test('nothing is asked before a node is wanted', async () => {
    const server = new NameServer(list(1));
    const run = runTrees(server, list(1));
    run.clock.advance(60_000);
    await settled();
    expect([server.asked, run.lists.stats()]).toMatchObject([
      [],
      [{ url: list(1).url, state: 'withoutRoot.resting', seq: null, nodesRead: 0 }],
    ]);
    run.lists.close();
  });

  test('give the nodes of all, and those of the lists that they link to', async () => {
    const linked = list(3);
    const trees = [list(1), list(2, { links: [linked.url] })];
    const run = runTrees(new NameServer(...trees, linked), ...trees);
    expect(new Set(await run.takeIds(4))).toEqual(new Set(idsOf(1, 2, 3)));
    expect(run.lists.stats().map(({ url }) => url)).toEqual([...trees, linked].map((t) => t.url));
    run.lists.close();
    expect([run.clock.pending, run.lists.stats(), run.faults]).toEqual([0, [], []]);
  });

  test('that link to each other end', async () => {
    const urls = [1, 2].map((index) => list(index).url);
    const trees = [list(1, { links: [urls[1]!] }), list(2, { links: [urls[0]!] })];
    const run = runTrees(new NameServer(...trees), trees[0]!);
    expect(await run.takeIds(2)).toEqual(idsOf(1, 2));
    expect(run.lists.stats()).toHaveLength(2);
    run.lists.close();
  });

  test('that no other one links to any more are not read any more', async () => {
    const linked = list(2);
    const server = new NameServer(list(1, { links: [linked.url] }), linked);
    const run = runTrees(server, list(1));
    expect(await run.takeIds(2)).toEqual(idsOf(1, 2));
    server.serve(list(1, { seq: 2 }));
    run.clock.advance(ROOT_RECHECK_MS);
    await run.takeIds(3);
    expect(run.lists.stats()).toMatchObject([{ seq: 2 }]);
    expect(await run.takeIds(2)).toEqual(idsOf(1, 1));
    run.lists.close();
  });

  test('of which one is silent give the nodes of the others, without a wait', async () => {
    const server = new NameServer(
      list(1),
      list(2, { records: [2, 3, 4].map((i) => recordText(i)) }),
    );
    server.silent.add('list1.example.org');
    const run = runTrees(server, list(1), list(2));
    for (let i = 0; i < 3; i += 1) expect(await run.take(0)).not.toBeNull();
    expect(run.clock.now()).toBe(0);
    run.clock.advance(TXT_TIMEOUT_MS);
    expect(run.failed).toEqual([`${list(1).url} queryTimedOut`]);
    run.lists.close();
    expect(run.clock.pending).toBe(0);
  });

  test('that cannot be read are named once, until they were read again', async () => {
    const tree = list(1);
    const server = new NameServer();
    const run = runTrees(server, tree);
    expect(await run.take(30_000)).toBeNull();
    expect(run.failed).toEqual([`${tree.url} noTxtRecord`]);
    server.serve(list(1, { key: keyOf(7) }));
    await run.take(60_000);
    expect(run.failed).toHaveLength(1);
    server.serve(tree);
    expect((await run.take(300_000))?.id).toBe(keyOf(1).id);
    expect(run.lists.stats()[0]!.failures).toMatchObject({ badRootSignature: expect.any(Number) });
    run.lists.close();
  });

  test('give each node once in a round', async () => {
    const indexes = Array.from({ length: 20 }, (_, i) => i + 1);
    const tree = list(1, { records: indexes.map((index) => recordText(index)) });
    const run = runTrees(new NameServer(tree), tree);
    expect(await run.takeIds(20)).toEqual(idsOf(...indexes));
    expect(await run.take(ROUND_PAUSE_MS - 500)).toBeNull();
    expect(await run.take(1_000)).not.toBeNull();
    run.lists.close();
  });

  test(`are ${MAX_TREES} at most, the linked ones included`, async () => {
    const links = Array.from({ length: MAX_TREES }, (_, i) => list(i + 2).url);
    const tree = list(1, { links });
    const run = runTrees(new NameServer(tree), tree);
    await run.take(60_000);
    expect(run.lists.stats()).toHaveLength(MAX_TREES);
    run.lists.close();
  });

  test('end when they are no longer read, and begin anew when they are read again', async () => {
    const tree = list(1);
    const run = runTrees(new NameServer(tree), tree);
    expect(await run.take()).not.toBeNull();
    await run.nodes.return?.();
    expect([run.lists.stats(), run.clock.pending]).toEqual([[], 0]);
    expect(await run.nodes.next()).toEqual({ done: true, value: undefined });
    const again = run.lists.walk()[Symbol.asyncIterator]();
    expect((await again.next()).value).toMatchObject({ id: keyOf(1).id });
    run.lists.destroy();
    expect([await again.next(), run.clock.pending]).toEqual([{ done: true, value: undefined }, 0]);
  });
});

/** Texts that a name server of the owner of a list may give: signed and hashed rightly, and wrong inside. */
const malformed = fc.oneof(
  fc.constantFrom(
    '',
    'foo',
    'enr:',
    'enr:-----',
    'enrtree-branch:',
    'enrtree-branch:1,2',
    formatBranch(['A'.repeat(26)]),
    formatBranch(Array<string>(14).fill('B'.repeat(26))),
    treeLink(keyOf(5).publicKey, 'nowhere.example.org').url,
    'enrtree://x@n',
    `enr:${'A'.repeat(2_000)}`,
  ),
  fc.string({ maxLength: 40 }).map((text) => `enrtree-branch:${text}`),
  fc.string({ maxLength: 40 }).map((text) => `enr:${text}`),
);

test('malformed lists never stop the nodes of others, whatever is in them', async () => {
  const good = list(1, { records: [recordText(1), recordText(2)] });
  await fc.assert(
    fc.asyncProperty(
      fc.array(malformed, { maxLength: 6 }),
      fc.array(malformed, { maxLength: 3 }),
      fc.option(fc.string({ maxLength: 60 }), { nil: null }),
      async (records, links, root) => {
        const bad = list(2, { records: [...records, recordText(3)], links });
        const server = new NameServer(good, bad);
        if (root !== null) server.names.set(bad.domain, `enrtree-root:v1 ${root}`);
        const run = runTrees(server, bad, good);
        const ids = await run.takeIds(4);
        run.lists.close();
        expect(ids).toEqual(expect.arrayContaining(idsOf(1, 2)));
        if (root === null) expect(await readAll(server, bad)).toContain(keyOf(3).id);
        expect([run.faults, run.clock.pending]).toEqual([[], 0]);
      },
    ),
    { seed: 18, numRuns: 25 },
  );
});

/** What the malformed list gives when it is alone: its one good leaf. */
async function readAll(server: NameServer, tree: MadeTree): Promise<readonly string[]> {
  const run = runTrees(server, tree);
  const ids = await run.takeIds(1);
  run.lists.close();
  return ids;
}

test('a name that leads to the root again is read once in a round', async () => {
  const branch = formatBranch([entryName(recordText(1))]);
  const tree = list(1, { records: [branch, formatBranch([entryName(branch)]), recordText(1)] });
  const run = runTrees(new NameServer(tree), tree);
  expect(await run.takeIds(1)).toEqual(idsOf(1));
  expect(await run.take(ROUND_PAUSE_MS - 1_000)).toBeNull();
  run.lists.close();
});
