/** The data of the Discovery tab, of a server and of a recording. */
import { beforeEach, expect, test } from 'vitest';
import type { DiscoveryView } from '../../../../src/inspect/discovery-protocol.ts';
import {
  discoveryOf,
  regionsOf,
  tableCounts,
  tableLines,
} from '../../../../src/inspect/page/model/discovery.ts';
import { discoveryView } from '../../../../src/inspect/recorder/discovery-view.ts';
import { recordedStore } from '../../../support/recorded-store.ts';
import { actorLine, HEADER, stepLine } from '../../../support/recording-lines.ts';
import { nodesAt } from '../../../support/table-nodes.ts';
import { findings, servingTable } from '../../../support/table-run.ts';

let view: DiscoveryView;

beforeEach(() => {
  const run = servingTable({}, nodesAt(256, 20));
  run.endLookup(findings([], ['some node']));
  view = discoveryView(run.actor.getSnapshot(), { bootnodes: 1, stats: null });
});

const SERVER = [
  actorLine(0, 1, 'server', 'server'),
  stepLine(0, 1, 'xstate.init', 'active.phase.running+active.discovery.live'),
  { type: 'row', actor: 1, row: { discovers: true } },
] as const;

const TABLE = [
  actorLine(0, 2, 'table-maintenance', 'discovery'),
  stepLine(0, 2, 'xstate.init', 'serving.refresh.resting+serving.revalidation.fast.idle'),
] as const;

test('of a server that has none there is how to turn it on', async () => {
  const store = await recordedStore([
    HEADER,
    SERVER[0],
    SERVER[1],
    { type: 'row', actor: 1, row: { discovers: false } },
  ]);
  const { status, view: shown, state } = discoveryOf(store);
  expect(status.sentence).toContain('Discovery is off');
  expect(status.remedy).toContain('--discovery v4');
  expect([shown, state]).toEqual([null, null]);
});

test('DNS node lists are shown while they are read, and then discovery alone is off', async () => {
  const row = {
    ...{ listUrl: 'enrtree://KEY@n', rootSeq: 1, nodes: 2, unread: 3, lastFailure: null },
  };
  const lines = [
    HEADER,
    SERVER[0],
    SERVER[1],
    { type: 'row', actor: 1, row: { discovers: false } },
    actorLine(0, 2, 'dns-tree', 'dns-tree:1'),
    stepLine(0, 2, 'xstate.init', 'withRoot.reading'),
    { type: 'row', actor: 2, row },
  ] as const;
  const { status, lists } = discoveryOf(await recordedStore([...lines]));
  expect(status.sentence).toBe('Node Discovery is off: nodes come from DNS node lists.');
  expect(lists).toMatchObject([{ ...row, actor: 2, state: 'withRoot.reading' }]);
  const ended = { type: 'actorEnded', t: 2, actor: 2, status: 'done' } as const;
  const after = discoveryOf(await recordedStore([...lines, ended]));
  expect([after.lists, after.status.sentence]).toEqual([[], expect.stringContaining('is off:')]);
});

test('of a server that has not started there is its state', async () => {
  const store = await recordedStore([
    HEADER,
    SERVER[0],
    stepLine(0, 1, 'xstate.init', 'idle'),
    SERVER[2],
  ]);
  expect(discoveryOf(store).status.sentence).toBe('Discovery is not running: the node is idle.');
});

test('with both versions each table can be shown, at first that of v4', async () => {
  const v5 = [
    actorLine(0, 3, 'table-maintenance', 'discoveryV5'),
    stepLine(0, 3, 'xstate.init', 'loading'),
  ] as const;
  const both = await recordedStore([HEADER, ...SERVER, ...TABLE, ...v5]);
  expect(discoveryOf(both)).toMatchObject({
    ...{ versions: ['v4', 'v5'], version: 'v4', state: expect.stringMatching(/^serving/) },
  });
  expect(discoveryOf(both, 'v5')).toMatchObject({ version: 'v5', state: 'loading' });
  const alone = await recordedStore([HEADER, ...SERVER, ...v5]);
  expect(discoveryOf(alone, 'v4')).toMatchObject({ versions: ['v5'], version: 'v5' });
});

test('sessions that have keys come after handshakes, then the latest', async () => {
  const session = (actor: number, state: string) =>
    [
      actorLine(actor, actor, 'discv5-session', `session:${actor}`),
      stepLine(actor, actor, 'xstate.init', state),
      { type: 'row', actor, row: { id: 'ab'.repeat(32), remote: `192.0.2.${actor}:30303` } },
    ] as const;
  const store = await recordedStore([
    ...[HEADER, ...SERVER],
    ...session(3, 'established'),
    ...session(4, 'handshaking'),
    ...session(5, 'established'),
    ...session(6, 'established'),
    { type: 'actorEnded', t: 9, actor: 6, status: 'done' },
  ]);
  const { sessions, sessionsTotal } = discoveryOf(store);
  expect(sessions.map(({ actor }) => actor)).toEqual([4, 5, 3]);
  expect(sessionsTotal).toBe(3);
});

test('a recording has the latest sample of the table', async () => {
  const store = await recordedStore([
    HEADER,
    ...SERVER,
    ...TABLE,
    { type: 'row', actor: 2, row: { discovery: view } },
  ]);
  const { status, view: shown, state } = discoveryOf(store);
  expect(shown).toEqual(view);
  expect(status).toEqual(view.status);
  expect(regionsOf(state!)).toEqual({ refresh: 'resting', fast: 'idle', slow: '' });
});

test('a failed discovery says why, and one that was stopped says that it does not run', async () => {
  const failed = { ...view, status: { tone: 'bad', sentence: 'Failed.', remedy: '' } } as const;
  const ending = (state: string) =>
    recordedStore([
      HEADER,
      ...SERVER,
      ...TABLE,
      stepLine(1, 2, 'close', state),
      { type: 'row', actor: 2, row: { discovery: failed } },
      { type: 'actorEnded', t: 2, actor: 2, status: 'done' },
    ]);
  expect(discoveryOf(await ending('failed')).status.sentence).toBe('Failed.');
  expect(discoveryOf(await ending('closed')).status.sentence).toContain('not running');
});

test('proofs are those under way; lookups under way come first, then the latest', async () => {
  const row = { target: 'ab'.repeat(32), path: [], found: 0 };
  const lookup = (actor: number, t: number) =>
    [
      actorLine(t, actor, 'lookup', `lookup:${actor}`),
      stepLine(t, actor, 'xstate.init', 'querying'),
      { type: 'row', actor, row },
    ] as const;
  const store = await recordedStore([
    HEADER,
    ...SERVER,
    ...lookup(3, 1),
    ...lookup(4, 2),
    ...lookup(5, 3),
    { type: 'actorEnded', t: 4, actor: 4, status: 'done' },
    { type: 'actorEnded', t: 4, actor: 5, status: 'done' },
    actorLine(5, 6, 'endpoint-proof', 'endpoint-proof:ab'),
    stepLine(5, 6, 'xstate.init', 'pinging'),
    { type: 'row', actor: 6, row: { id: 'ab', remote: '192.0.2.1:1' } },
    actorLine(5, 7, 'endpoint-proof', 'endpoint-proof:cd'),
    stepLine(5, 7, 'xstate.init', 'noPong'),
    { type: 'row', actor: 7, row: { id: 'cd', remote: '192.0.2.1:1' } },
    { type: 'actorEnded', t: 6, actor: 7, status: 'done' },
  ]);
  const { proofs, lookups } = discoveryOf(store);
  expect(proofs.map(({ id, state }) => [id, state])).toEqual([['ab', 'pinging']]);
  expect(lookups.map(({ actor }) => actor)).toEqual([3, 5, 4]);
});

test('the lines of the table are entries and those that wait, of one bucket or of all', () => {
  expect(tableCounts(view)).toMatchObject({ entries: 16, live: 0, fast: 16, replacements: 4 });
  expect(tableLines(view, null)).toHaveLength(20);
  expect(tableLines(view, 256).filter(({ isLive }) => isLive === null)).toHaveLength(4);
  expect(tableLines(view, 255)).toEqual([]);
});
