/** `peerchart dns`: downloads a whole DNS node list and checks every entry, and prints a list that was downloaded. */
import { open, readFile } from 'node:fs/promises';

import type { Ports } from '../api/options.ts';
import { lookUpTxt } from '../io/adapters/txt-lookup.ts';
import type { TreeEntry, TreeLink } from '../io/crypto/dns-tree-entry.ts';
import { parseNode } from '../io/crypto/node.ts';
import { defaultSet, primitivesOf } from '../io/crypto/primitive-sets.ts';
import { systemRandom } from '../io/crypto/primitives.ts';
import { MAX_TREE_ENTRIES } from '../io/discovery/subtree.ts';
import { type EntryFact, type ReadFailure, TreeReader } from '../io/discovery/tree-reader.ts';
import { TxtQueries } from '../io/discovery/txt-queries.ts';
import { BoundedMap } from '../io/process/bounded-map.ts';
import { systemClock } from '../io/process/clock.ts';
import { printable } from '../io/wire/printable.ts';
import { every, LINE_EVERY_MS } from './crawl-progress.ts';
import { CommandError } from './error.ts';
import { INTERRUPTED, type Terminal } from './terminal.ts';

/** Times that entries are asked for whose name server did not answer. Ours. */
const ROUNDS = 3;

/** Largest file that is read, in bytes: more than the largest list has. Ours. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Failures that another query may not have. */
const PASSING: ReadonlySet<ReadFailure> = new Set(['queryFailed', 'queryTimedOut']);

export type DnsSyncOptions = {
  /** Longest download, in seconds. */
  readonly timeout: number;
  readonly json?: boolean;
};

export type DnsPrintOptions = { readonly json?: boolean };

/** A list as it is written into a file. */
type SyncedList = {
  readonly url: string;
  /** Null when the root could not be read. */
  readonly seq: number | null;
  readonly links: readonly string[];
  /** `enr:` texts, sorted. */
  readonly nodes: readonly string[];
  /** Entries that could not be read, by reason. */
  readonly failures: Readonly<Partial<Record<ReadFailure, number>>>;
};

/**
 * @param path A new file for the list as JSON; without one the records are printed, one in a line.
 * @returns The exit code: 0 when the whole list was read, 1 when a part was not, 130 after Ctrl-C.
 * @throws {CommandError} The file cannot be written.
 */
export async function dnsSync(
  link: TreeLink,
  path: string | undefined,
  { timeout, json = false }: DnsSyncOptions,
  terminal: Terminal,
  { clock = systemClock, txtResolver = lookUpTxt }: Partial<Ports>,
): Promise<number> {
  const { stdout, stderr, signal } = terminal;
  const file = path === undefined ? null : await create(path);
  const over = new AbortController();
  const stop = (): void => over.abort();
  signal.addEventListener('abort', stop);
  const timer = clock.setTimeout(stop, timeout * 1_000);
  let progress = 'nothing was read yet';
  const stopShowing = json
    ? () => {}
    : every(LINE_EVERY_MS, clock, () => stderr.write(`${progress}\n`));
  const list = await download(
    link,
    new TxtQueries(txtResolver, clock),
    over.signal,
    (nodes, left) => {
      progress = `${nodes} nodes, ${left} entries of the list are known and not read yet`;
    },
  );
  stopShowing();
  const isCut = over.signal.aborted;
  clock.clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  if (file) {
    await file.writeFile(`${JSON.stringify(list, null, 2)}\n`);
    await file.close();
  }
  if (json)
    stdout.write(`${JSON.stringify({ type: 'dns.synced', ...list, isComplete: !isCut })}\n`);
  else if (!file) for (const text of list.nodes) stdout.write(`${text}\n`);
  if (!json) stderr.write(`${summary(list, isCut)}\n`);
  if (signal.aborted) return INTERRUPTED;
  return isCut || list.seq === null || Object.keys(list.failures).length > 0 ? 1 : 0;
}

/** Prints a file of `dns sync`; its records are checked. @throws {CommandError} It is no such file. */
export async function dnsPrint(
  path: string,
  { json = false }: DnsPrintOptions,
  { stdout }: Terminal,
): Promise<number> {
  const { url, seq, links, nodes } = await readList(path);
  if (json) {
    stdout.write(`${JSON.stringify({ type: 'dns.list', url, seq, links, nodes })}\n`);
    return 0;
  }
  stdout.write(`${printable(url)}\nsequence ${seq ?? 'unknown'}\n`);
  for (const other of links) stdout.write(`link      ${printable(other)}\n`);
  for (const text of nodes) {
    const { id, host, tcpPort, udpPort, record } = parseNode(text);
    const place = host === '' ? 'no address' : `${host} tcp ${tcpPort} udp ${udpPort}`;
    stdout.write(`node      ${id}  ${place}  sequence ${record?.seq ?? 0}\n`);
  }
  return 0;
}

async function download(
  link: TreeLink,
  queries: TxtQueries,
  signal: AbortSignal,
  onEntry: (nodes: number, left: number) => void,
): Promise<SyncedList> {
  const links = new Set<string>();
  const nodes = new Map<string, string>();
  const reader = new TreeReader({
    ...{ link, queries, random: systemRandom },
    cache: new BoundedMap<string, TreeEntry>(2 * MAX_TREE_ENTRIES),
    primitives: primitivesOf(defaultSet()).primitives,
    onLinks: (found) => {
      for (const { url } of found) links.add(url);
    },
  });
  let failures = new Map<ReadFailure, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    failures = new Map();
    const note = (why: ReadFailure): unknown => failures.set(why, (failures.get(why) ?? 0) + 1);
    const root = await ended(signal, reader.readRoot.bind(reader));
    if (root?.type === 'root.failed') note(root.why);
    let remaining = root?.type === 'root.read' ? root.remaining : 0;
    while (remaining > 0 && !signal.aborted) {
      const fact = await ended<EntryFact>(signal, (done) =>
        reader.readEntry((read, node) => {
          if (node) nodes.set(node.id, node.text);
          done(read);
        }),
      );
      if (fact?.type === 'entry.failed') note(fact.why);
      remaining = fact?.remaining ?? 0;
      onEntry(nodes.size, remaining);
    }
    if (signal.aborted || ![...failures.keys()].some((why) => PASSING.has(why))) break;
  }
  const { url, seq } = reader.stats();
  return {
    ...{ url, seq, links: [...links].sort(), nodes: [...nodes.values()].sort() },
    failures: Object.fromEntries(failures),
  };
}

/** What it is called with; null when the signal ends it. */
function ended<Fact>(
  signal: AbortSignal,
  begin: (done: (fact: Fact) => void) => () => void,
): Promise<Fact | null> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null);
    let cancel = (): void => {};
    const stop = (): void => {
      cancel();
      resolve(null);
    };
    signal.addEventListener('abort', stop, { once: true });
    cancel = begin((fact) => {
      signal.removeEventListener('abort', stop);
      resolve(fact);
    });
  });
}

function summary({ url, seq, links, nodes, failures }: SyncedList, isCut: boolean): string {
  const wrong = Object.entries(failures).map(([why, count]) => `${why} ${count}`);
  const parts = [
    seq === null ? 'no valid root' : `sequence ${seq}`,
    `${nodes.length} nodes`,
    `${links.length} links`,
    ...(wrong.length > 0 ? [`not read: ${wrong.join(', ')}`] : []),
    ...(isCut ? ['not all of it'] : []),
  ];
  return `${url}: ${parts.join(', ')}`;
}

/** @throws {CommandError} It exists, or cannot be created. */
async function create(path: string) {
  try {
    return await open(path, 'wx');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'already exists and is not overwritten' : message;
    throw new CommandError(`${path} ${why}`, { cause: error });
  }
}

async function readList(path: string): Promise<SyncedList> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > MAX_FILE_BYTES) throw new TypeError('it is too large');
    const { url, seq, links, nodes } = JSON.parse(text) as Partial<SyncedList>;
    if (typeof url !== 'string' || !isTexts(links) || !isTexts(nodes))
      throw new TypeError('it has no "url", "links" and "nodes"');
    for (const node of nodes) parseNode(node);
    return { url, seq: typeof seq === 'number' ? seq : null, links, nodes, failures: {} };
  } catch (error) {
    throw new CommandError(`${path} is no list of \`dns sync\`: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
