import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { dnsPrint, dnsSync } from '../../src/cli/dns-sync.ts';
import { CommandError } from '../../src/cli/error.ts';
import { parseTreeUrl } from '../../src/io/crypto/dns-tree-entry.ts';
import { NameServer, settled } from '../support/dns-run.ts';
import { type MadeTree, makeTree, recordText } from '../support/dns-trees.ts';
import { StepClock } from '../support/step-clock.ts';
import { keyOf } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

const LINK = 'enrtree://AM5FCQLWIZX2QFPNJAP7VUERCCRNGRHWZG3YYHIUV7BVDQ5FDPRT2@more.example.org';
const RECORDS = [1, 2, 3].map((index) => recordText(index)).sort();
const TREE = makeTree({ seq: 7, records: RECORDS, links: [LINK] });

async function sync(
  server: NameServer,
  { url }: Pick<MadeTree, 'url'> = TREE,
  given: { path?: string; timeout?: number; json?: boolean; stopped?: boolean } = {},
) {
  const { path, timeout = 600, json = true, stopped = false } = given;
  const terminal = new FakeTerminal();
  const clock = new StepClock();
  let code: number | null = null;
  const synced = dnsSync(parseTreeUrl(url), path, { timeout, json }, terminal, {
    ...{ clock, txtResolver: server.resolve },
  }).then((exit) => {
    code = exit;
  });
  synced.catch(() => {}); // it is awaited below
  if (stopped) terminal.stop();
  for (let turn = 0; code === null && turn < 4_000; turn += 1) {
    await settled();
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(100);
  }
  await synced;
  await new Promise((resolve) => setImmediate(resolve));
  expect(clock.pending).toBe(0);
  return { code, terminal, clock, list: json ? JSON.parse(terminal.output) : null };
}

describe('dns sync', () => {
  test('downloads a whole list, and prints it as JSON', async () => {
    const { code, list } = await sync(new NameServer(TREE));
    expect(code).toBe(0);
    expect(list).toEqual({
      ...{ type: 'dns.synced', url: TREE.url, seq: 7, links: [LINK], nodes: RECORDS },
      ...{ failures: {}, isComplete: true },
    });
  });

  test('prints a record in each line, and a summary on stderr', async () => {
    const { code, terminal } = await sync(new NameServer(TREE), TREE, { json: false });
    expect(code).toBe(0);
    expect(terminal.output).toBe(`${RECORDS.join('\n')}\n`);
    expect(terminal.errors).toBe(`${TREE.url}: sequence 7, 3 nodes, 1 links\n`);
  });

  test('says on stderr every 5 s how far it is', async () => {
    const records = Array.from({ length: 40 }, (_, index) => recordText(index + 1));
    const tree = makeTree({ records });
    const { terminal } = await sync(new NameServer(tree), tree, { json: false });
    const lines = terminal.errors.split('\n').slice(0, -2);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines)
      expect(line).toMatch(/^\d+ nodes, \d+ entries of the list are known and not read yet$/);
  });

  test('asks again for what a name server did not answer, and says what is missing', async () => {
    const server = new NameServer(TREE);
    const [lost] = [...TREE.zone].find(([, text]) => text === RECORDS[0])!;
    server.broken.add(lost);
    const { code, list } = await sync(server);
    expect(code).toBe(1);
    expect(list).toMatchObject({ nodes: RECORDS.slice(1), failures: { queryFailed: 1 } });
    expect(server.asked.filter((name) => name === lost)).toHaveLength(3);
  });

  test('of a name without a root fails', async () => {
    const { code, list } = await sync(new NameServer());
    expect(code).toBe(1);
    expect(list).toMatchObject({ seq: null, nodes: [], failures: { noTxtRecord: 1 } });
    const { terminal } = await sync(new NameServer(), TREE, { json: false });
    expect(terminal.errors).toContain('no valid root, 0 nodes, 0 links, not read: noTxtRecord 1');
  });

  test('ends after its time, and with Ctrl-C, with what it has', async () => {
    const records = Array.from({ length: 40 }, (_, index) => recordText(index + 1));
    const large = makeTree({ records });
    const cut = await sync(new NameServer(large), large, { timeout: 3 });
    expect(cut.code).toBe(1);
    expect(cut.list).toMatchObject({ isComplete: false, seq: 1 });
    expect(cut.list.nodes.length).toBeLessThan(40);
    const stopped = await sync(new NameServer(large), large, { stopped: true });
    expect([stopped.code, stopped.list.nodes]).toEqual([130, []]);
  });

  test('writes a new file, which dns print reads', async () => {
    const path = join(await scratch(), 'list.json');
    const { terminal } = await sync(new NameServer(TREE), TREE, { path, json: false });
    expect(terminal.output).toBe('');
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ seq: 7, nodes: RECORDS });
    await expect(sync(new NameServer(TREE), TREE, { path })).rejects.toThrow(
      /list\.json already exists and is not overwritten$/,
    );
    const printed = new FakeTerminal();
    expect(await dnsPrint(path, {}, printed)).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(printed.output).toContain(`${TREE.url}\nsequence 7\nlink      ${LINK}\n`);
    expect(printed.output).toContain(
      `node      ${keyOf(2).id}  10.1.0.2 tcp 30303 udp 30303  sequence 1\n`,
    );
    const json = new FakeTerminal();
    expect(await dnsPrint(path, { json: true }, json)).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(JSON.parse(json.output)).toEqual({
      ...{ type: 'dns.list', url: TREE.url, seq: 7, links: [LINK], nodes: RECORDS },
    });
  });
});

describe('dns print', () => {
  test.for([
    ['not JSON', '{'],
    ['no list', '{"url": "x"}'],
    ['a record that cannot be read', '{"url": "x", "links": [], "nodes": ["enr:-----"]}'],
  ] as const)('refuses a file with %s', async ([, text]) => {
    const path = join(await scratch(), 'list.json');
    await writeFile(path, text);
    await expect(dnsPrint(path, {}, new FakeTerminal())).rejects.toThrow(CommandError);
  });

  test('shows a list without a root, and a node without an address', async () => {
    const path = join(await scratch(), 'list.json');
    const [text] = [
      'enr:-HW4QES8QIeXTYlDzbfr1WEzE-XKY4f8gJFJzjJL-9D7TC9lJb4Z3JPRRz1lP4pL_N_QpT6rGQjAU9Apnc-C1iMP36OAgmlkgnY0iXNlY3AyNTZrMaED5IdwfMxdmR8W37HqSFdQLjDkIwBd4Q_MjxgZifgKSdM',
    ];
    await writeFile(path, JSON.stringify({ url: 'x', seq: null, links: [], nodes: [text] }));
    const terminal = new FakeTerminal();
    await dnsPrint(path, {}, terminal);
    await new Promise((resolve) => setImmediate(resolve));
    expect(terminal.output).toMatch(/^x\nsequence unknown\nnode {6}be81[\da-f]+ {2}no address/);
  });
});
