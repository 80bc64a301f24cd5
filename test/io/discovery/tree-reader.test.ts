import { describe, expect, test } from 'vitest';

import { entryName } from '../../../src/io/crypto/dns-tree-entry.ts';
import {
  type EntryFact,
  MAX_LINKS,
  type RootFact,
  type TreeReader,
} from '../../../src/io/discovery/tree-reader.ts';
import { formatBranch } from '../../../src/io/wire/dns-tree.ts';
import { NameServer, readerOf, settled } from '../../support/dns-run.ts';
import { makeTree, recordText } from '../../support/dns-trees.ts';
import { keyOf } from '../../support/world.ts';

const LINK = 'enrtree://AM5FCQLWIZX2QFPNJAP7VUERCCRNGRHWZG3YYHIUV7BVDQ5FDPRT2@more.example.org';

const record = (index: number) => recordText(index);
const root = (reader: TreeReader) => new Promise<RootFact>((done) => reader.readRoot(done));

type Step = EntryFact & { readonly id: string | null };
const entry = (reader: TreeReader) =>
  new Promise<Step>((done) =>
    reader.readEntry((fact, node) => done({ ...fact, id: node?.id ?? null })),
  );

/** Entries until none is left, at a rate that the clock of the queries allows. */
async function round(run: ReturnType<typeof readerOf>): Promise<Step[]> {
  const steps: Step[] = [];
  do {
    run.clock.advance(1_000);
    steps.push(await entry(run.reader));
  } while (steps.at(-1)!.remaining > 0);
  return steps;
}

const ids = (steps: readonly Step[]) => steps.flatMap(({ id }) => id ?? []).sort();
const kinds = (steps: readonly Step[]) =>
  steps.map((step) => (step.type === 'entry.read' ? step.kind : step.why)).sort();

describe('reading a list', () => {
  test('gives its links first, then each of its nodes once, in rounds', async () => {
    const tree = makeTree({ seq: 5, records: [1, 2, 3].map(record), links: [LINK] });
    const run = readerOf(tree, new NameServer(tree));
    expect(await root(run.reader)).toEqual({ type: 'root.read', seq: 5, remaining: 2 });
    const first = await round(run);
    expect(first[0]).toMatchObject({ kind: 'link', remaining: 1, nodes: 0 });
    expect(run.links.map((links) => links.map(({ url }) => url))).toEqual([[LINK]]);
    expect(ids(first)).toEqual([1, 2, 3].map((index) => keyOf(index).id).sort());
    expect(first.at(-1)).toMatchObject({ remaining: 0, nodes: 3 });
    expect(ids(await round(run))).toEqual(ids(first));
    expect(run.reader.stats()).toEqual({
      ...{ url: tree.url, seq: 5, nodesRead: 6, remaining: 0, failures: {} },
    });
  });

  test('asks for no entry twice', async () => {
    const tree = makeTree({ records: [1, 2].map(record) });
    const server = new NameServer(tree);
    const run = readerOf(tree, server);
    await root(run.reader);
    await round(run);
    await round(run);
    expect(new Set(server.asked).size).toBe(server.asked.length);
  });

  test('an entry that is not what its name says is not kept', async () => {
    const tree = makeTree({ records: [record(1)] });
    const server = new NameServer(tree);
    const name = `${entryName(record(1))}.${tree.domain}`;
    server.names.set(name, record(2));
    const run = readerOf(tree, server);
    await root(run.reader);
    expect(kinds(await round(run))).toContain('hashMismatch');
    server.serve(tree);
    expect(ids(await round(run))).toEqual([keyOf(1).id]);
  });

  test('one broken leaf costs that leaf only', async () => {
    const tree = makeTree({ records: [record(1), 'enr:-----', record(2), LINK] });
    const server = new NameServer(tree);
    server.broken.add(`${entryName(record(2))}.${tree.domain}`);
    const run = readerOf(tree, server);
    await root(run.reader);
    const steps = await round(run);
    expect(ids(steps)).toEqual([keyOf(1).id]);
    expect(kinds(steps).filter((kind) => !['branch', 'node'].includes(kind))).toEqual([
      'invalidRecord',
      'misplacedEntry',
      'queryFailed',
    ]);
    expect(run.reader.stats().failures).toEqual({
      ...{ invalidRecord: 1, misplacedEntry: 1, queryFailed: 1 },
    });
  });

  test('a record among the links is misplaced', async () => {
    const tree = makeTree({ records: [record(1)], links: [record(2)] });
    const run = readerOf(tree, new NameServer(tree));
    await root(run.reader);
    expect(kinds(await round(run))).toEqual(['misplacedEntry', 'node']);
    expect(run.links).toEqual([[]]);
  });

  test('what is named twice is read once in a round', async () => {
    const branch = formatBranch([entryName(record(1)), entryName(record(2))]);
    const tree = makeTree({ records: [branch, branch, record(1), record(2)] });
    const run = readerOf(tree, new NameServer(tree));
    await root(run.reader);
    expect(ids(await round(run))).toEqual([keyOf(1).id, keyOf(2).id].sort());
  });

  test('before a root was read there is no entry', async () => {
    const tree = makeTree({ records: [record(1)] });
    const run = readerOf(tree, new NameServer());
    expect(await root(run.reader)).toEqual({ type: 'root.failed', why: 'noTxtRecord' });
    expect(await entry(run.reader)).toMatchObject({ type: 'entry.failed', remaining: 0 });
    expect(run.reader.stats()).toMatchObject({ seq: null, failures: { noTxtRecord: 1 } });
  });

  test('what was cancelled is not reported', async () => {
    const tree = makeTree({ records: [record(1), record(2)] });
    const run = readerOf(tree, new NameServer(tree));
    let calls = 0;
    run.reader.readRoot(() => {
      calls += 1;
    })();
    await root(run.reader);
    run.reader.readEntry(() => {
      calls += 1;
    })();
    await settled();
    expect(calls).toBe(0);
  });

  test(`of one list ${MAX_LINKS} links are followed`, async () => {
    const links = Array.from({ length: MAX_LINKS + 1 }, (_, i) => LINK.replace('more', `n${i}`));
    const tree = makeTree({ records: [record(1)], links });
    const run = readerOf(tree, new NameServer(tree));
    await root(run.reader);
    await round(run);
    expect(run.links.map(({ length }) => length)).toEqual([MAX_LINKS]);
  });
});

describe('another root', () => {
  test('with a lower sequence number is refused, and the known one stays', async () => {
    const server = new NameServer();
    const [older, newer] = [
      makeTree({ seq: 1, records: [record(1)] }),
      makeTree({ seq: 2, records: [record(2)] }),
    ];
    server.serve(newer);
    const run = readerOf(newer, server);
    await root(run.reader);
    server.serve(older);
    expect(await root(run.reader)).toEqual({ type: 'root.failed', why: 'staleRoot' });
    expect(ids(await round(run))).toEqual([keyOf(2).id]);
  });

  test('changes nodes and links, when both halves are others', async () => {
    const server = new NameServer();
    const before = makeTree({ seq: 1, records: [record(1)], links: [LINK] });
    server.serve(before);
    const run = readerOf(before, server);
    await root(run.reader);
    await round(run);
    server.serve(makeTree({ seq: 2, records: [record(2)] }));
    expect(await root(run.reader)).toEqual({ type: 'root.read', seq: 2, remaining: 2 });
    expect(ids(await round(run))).toEqual([keyOf(2).id]);
    expect(run.links.map((links) => links.map(({ url }) => url))).toEqual([[LINK], []]);
  });

  test('with the same halves does not begin a round anew', async () => {
    const server = new NameServer();
    const records = [1, 2, 3, 4].map(record);
    server.serve(makeTree({ seq: 1, records }));
    const run = readerOf(makeTree({ seq: 1, records }), server);
    await root(run.reader);
    const first = [await entry(run.reader), await entry(run.reader), await entry(run.reader)];
    server.serve(makeTree({ seq: 2, records }));
    await root(run.reader);
    expect(ids([...first, ...(await round(run))])).toEqual(
      [1, 2, 3, 4].map((index) => keyOf(index).id).sort(),
    );
  });

  test('links that could not be read are read again, and no known one is forgotten', async () => {
    const server = new NameServer();
    const other = LINK.replace('more', 'other');
    const before = makeTree({ seq: 1, records: [record(1)], links: [LINK] });
    const after = makeTree({ seq: 2, records: [record(1)], links: [LINK, other] });
    server.serve(before);
    const run = readerOf(before, server);
    await root(run.reader);
    await round(run);
    server.serve(after);
    server.broken.add(`${entryName(other)}.${after.domain}`);
    await root(run.reader);
    await round(run);
    server.broken.clear();
    run.clock.advance(10_000);
    await root(run.reader);
    await round(run);
    expect(run.links.map((links) => links.map(({ url }) => url).sort())).toEqual([
      [LINK],
      [LINK],
      [LINK, other],
    ]);
  });
});
