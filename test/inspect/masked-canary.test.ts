/**
 * W-row of the security table: nothing that is masked for viewers, recordings and exports of the page has a host, an
 * address, an id or an own part of a client name, whichever way it came to the server.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type EventObject, fromCallback } from 'xstate';

import { inspect } from '../../src/inspect/inspector.ts';
import { Store } from '../../src/inspect/page/model/store.ts';
import { csvOf } from '../../src/inspect/page/recording/export-csv.ts';
import { recordingLines } from '../../src/inspect/page/recording/export-recording.ts';
import type { Frame } from '../../src/inspect/protocol.ts';
import { readRecordingFile } from '../../src/inspect/recording/recording-reader.ts';
import { replay } from '../../src/inspect/recording/replay.ts';
import { record } from '../../src/inspect/recording/server-recording.ts';
import type { ResolverEvent } from '../../src/io/adapters/host-resolver.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { enodeOf, keyOf, World } from '../support/world.ts';
import { eventsOf, signInAt, watchAt } from './web/page-server-fixture.ts';

/** Hosts by the number of the node, and what a lookup of them reports: an address, an error, or nothing until told. */
const HOSTS: Readonly<Record<number, string>> = {
  2: 'Bastion-7',
  3: 'db.corp.example',
  4: 'boot-3.corp.example',
  5: 'trust-1.corp.example',
  6: 'later-2.corp.example',
  7: `${'long-label-of-a-very-long-name.'.repeat(7)}corp.example`,
  8: 'pending-9',
  9: 'candidate-4.corp.example',
};

const ERRORS: Readonly<Record<number, (name: string) => string>> = {
  3: (name) => `getaddrinfo ENOTFOUND ${name}`,
  4: (name) => `queryA ENOTFOUND ${name}`,
  6: (name) => `queryA ESERVFAIL ${name.toUpperCase()}`,
  7: (name) => `queryAaaa ENOTFOUND ${name}`,
  8: (name) => `queryA ENOTFOUND ${name}.search.corp.example`,
  9: (name) => `no name server was asked for ${name}`,
};

const named = (node: number): string => enodeOf(node).replace('192.0.2.1', HOSTS[node]!);

const CLIENT = 'Geth/ops-of-example/v1.16.7-stable/linux-amd64/go1.25.1';

const CANARIES: readonly string[] = [
  'bastion',
  'corp.example',
  'db.corp',
  'boot-3',
  'trust-1',
  'later-2',
  'long-label',
  'pending-9',
  'candidate-4',
  'ops-of-example',
  'canary client',
  'not-a-host',
  '192.0.2.1',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((node) => {
    const { id, publicKey } = keyOf(node);
    const digits = publicKeyHex(publicKey);
    return [id.slice(0, 8), id, digits, digits.slice(0, 20)];
  }),
];

const found = (text: string): readonly string[] =>
  CANARIES.filter((canary) => text.toLowerCase().includes(canary.toLowerCase()));

/** What was written of one node that did all of this. */
type Written = {
  readonly frames: readonly Frame[];
  /** Begun before the start, and while a dial was under way. */
  readonly paths: readonly string[];
};

async function* someCandidates(): AsyncGenerator<string> {
  yield named(9);
  yield enodeOf(9).replace('192.0.2.1', 'not-a-host!');
  yield enodeOf(9).replace('enode://', 'enode://x');
}

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

async function writeAll({ isMasked }: { readonly isMasked: boolean }): Promise<Written> {
  const world = new World();
  const answers: (() => void)[] = [];
  const resolver = fromCallback<EventObject, string>(({ input: name, sendBack }) => {
    const node = Number(Object.keys(HOSTS).find((key) => HOSTS[Number(key)] === name));
    const detail = ERRORS[node]?.(name);
    const event: ResolverEvent =
      detail === undefined
        ? { type: 'host.found', address: '192.0.2.1' }
        : { type: 'host.notFound', detail };
    if (node === 8) answers.push(() => sendBack(event));
    else sendBack(event);
  });
  const a = world.add(1, {
    staticNodes: [2, 3, 7, 8].map(named),
    trustedNodes: [named(5)],
    bootnodes: [named(4)],
    candidates: someCandidates(),
    ports: { resolver },
  });
  const b = world.add(2, { name: CLIENT });
  const c = world.add(10, { name: 'canary client' });
  const folder = await mkdtemp(join(tmpdir(), 'peerchart-'));
  folders.push(folder);
  const paths = ['early', 'late'].map((name) => join(folder, `${name}.jsonl`));
  await world.start(b);
  const recordings = [await record(a.server, paths[0]!, { mask: isMasked })];
  await world.start(a);
  await world.settle();
  recordings.push(await record(a.server, paths[1]!, { mask: isMasked }));
  const inspector = await inspect(a.server, { mask: isMasked });
  const port = Number(new URL(inspector.address).port);
  const token = (await signInAt(port, inspector.link)).token!;
  const stream = eventsOf(await watchAt(port, '/api/stream', token));
  await stream.next(); // the end of `retry` and the hello, which have no frame
  const frames: Frame[] = [];
  const read = async (): Promise<void> => {
    for (;;) {
      const { event, data } = (await stream.next()).value ?? {};
      if (data === undefined || event !== undefined) continue;
      frames.push(JSON.parse(data) as Frame);
      return;
    }
  };
  await read(); // while a lookup is under way
  await world.start(c);
  c.server.addPeer(a.enode);
  a.server.addPeer(named(6));
  for (const answer of answers) answer();
  await world.advance(60_000);
  for (const peer of a.server.peers) peer.disconnect();
  await world.advance(5_000);
  await read();
  const rest = (async () => {
    for await (const { event, data } of stream)
      if (data !== undefined && event === undefined) frames.push(JSON.parse(data) as Frame);
  })();
  await world.end();
  await rest;
  await Promise.all(recordings.map((recording) => recording.close()));
  return { frames, paths };
}

const exportsOf = (frames: readonly Frame[]): readonly string[] => {
  const store = new Store();
  for (const frame of frames) store.apply(frame);
  return [csvOf(store, store.log, String), recordingLines(store).join('\n')];
};

describe('masked', () => {
  let writing: Promise<Written> | null = null;

  /** Made by the first test that asks. */
  const masked = (): Promise<Written> => {
    writing ??= writeAll({ isMasked: true });
    return writing;
  };

  test('frames have none of it', async () => {
    expect(found(JSON.stringify((await masked()).frames))).toEqual([]);
  });

  test('recordings have none of it, begun before the start or during a dial', async () => {
    for (const path of (await masked()).paths)
      expect(found(await readFile(path, 'utf8'))).toEqual([]);
  });

  test('exports of the page have none of it', async () => {
    for (const text of exportsOf((await masked()).frames)) expect(found(text)).toEqual([]);
  });

  test('recordings can be replayed, and have what is common of a client name', async () => {
    for (const path of (await masked()).paths) {
      const { divergence } = await replay(readRecordingFile(path));
      expect(divergence).toBe(null);
      const text = await readFile(path, 'utf8');
      expect(text).toMatch(/Geth\/name-[0-9a-f]{12}\/v1\.16\.7-stable\/linux-amd64\/go1\.25\.1/);
      expect(text).toMatch(/ENOTFOUND host-[0-9a-f]{12}/);
    }
  });

  test('our own words stay as they are, so that the page can draw them', async () => {
    const text = JSON.stringify((await masked()).frames);
    for (const word of ['connection-setup', 'dial-task', 'hostNotFound', '"active"'])
      expect(text).toContain(word);
  });
});

test('the search finds all of it in what is not masked', async () => {
  const { frames, paths } = await writeAll({ isMasked: false });
  const [early = '', late = ''] = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  const key = publicKeyHex(keyOf(5).publicKey); // of a trusted node only the id is kept
  const missing = CANARIES.filter((canary) => !found(early).includes(canary));
  expect(missing).toEqual(['trust-1', key, key.slice(0, 20)]);
  for (const text of [JSON.stringify(frames), late]) expect(found(text).length).toBeGreaterThan(15);
});
