/** The data of the page, exported and opened again. */
import { describe, expect, test } from 'vitest';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { recordingLines } from '../../../../src/inspect/page/recording/export-recording.ts';
import { FileSource } from '../../../../src/inspect/page/recording/file-source.ts';
import { recordedLine } from '../../../../src/inspect/page/recording/recorded-line.ts';
import { readTape } from '../../../../src/inspect/page/recording/recording-text.ts';
import type { Frame } from '../../../../src/inspect/protocol.ts';
import { chunksOf, endingOf, fileOf, LINES } from '../../../support/recording-lines.ts';

async function reopened(lines: readonly string[]) {
  const store = new Store();
  const read = await readTape(chunksOf(`${lines.join('\n')}\n`), () => {});
  const source = new FileSource(store, 'again', read);
  return { store, source, read };
}

/** The frame of a server: all actors, and only the steps of the log. */
const FRAMES: readonly Frame[] = [
  {
    t: 5_000,
    hz: 10,
    about: {
      protocol: 4,
      peerchart: '0.1.0',
      startedAt: '2026-11-21T12:00:00.000Z',
      node: 'enode://aa@127.0.0.1:30303',
      source: 'live',
      actions: true,
      masked: true,
    },
    names: [
      'server',
      'running',
      'peer',
      'running.resting',
      'ping',
      'connection-setup',
      'closed',
      '',
    ],
    transitions: [[2, 3, 4, 7]],
    actors: [
      [1, 0, 'server', -1, 10, 1, 1_000, 4, 'active', null],
      [7, 5, 'connection-setup:1', 1, 2_000, 6, 2_100, 5, 'done', null],
      [8, 2, 'peer:1', 1, 2_101, 3, 2_101, 90, 'active', { protocols: ['eth/69'] }],
    ],
    actorsEnded: [[7, 2_150, 'done']],
    endings: [endingOf(2_500, 'failed.aborted', { connection: '9' })],
  },
  { t: 6_000, hz: 10, log: [[91, 8, 5_900, 4, 3, 0]], logTotal: 1, transitionCounts: [[0, 1]] },
];

const model = ({ actors, endings, log, about, now }: Store) => ({
  now,
  about: about && { ...about, source: 'file', actions: false },
  actors: [...actors.values()]
    .map(({ steps: _, ...actor }) => actor) // most actors have only a count of steps
    .sort((a, b) => a.number - b.number),
  endings,
  log: log.map(({ sequence: _, transitions: ways, ...step }) => ({
    ...step,
    ways: ways.map(({ total: _, ...way }) => way),
  })),
});

test('an exported page is the same when opened again', async () => {
  const store = new Store();
  for (const frame of FRAMES) expect(store.apply(frame)).toBe(true);
  const { store: again, read } = await reopened(recordingLines(store));
  expect(read).toMatchObject({ end: 'closed', brokenLines: 0, unknownLines: 0 });
  expect(read.tape.leftOut).toBe(0);
  expect(model(again)).toEqual(model(store));
});

test('the history of a selected actor is exported step by step', async () => {
  const whole = await readTape(chunksOf(fileOf(LINES)), () => {});
  const store = new Store();
  const source = new FileSource(store, 'first', whole);
  source.focus([3]);
  const { store: again, source: other } = await reopened(recordingLines(store));
  expect(model(again)).toEqual(model(store));
  other.focus([3]);
  const life = (of: Store) =>
    of.histories.get(3)?.map(({ at, event, state }) => [at, event, state]);
  expect(life(again)).toEqual(life(store));
  other.seek(115);
  expect(again.actors.get(3)?.state).toBe('protoHandshake');
});

describe('its lines', () => {
  const lines = () => {
    const store = new Store();
    for (const frame of FRAMES) store.apply(frame);
    return { store, lines: recordingLines(store).map((line) => JSON.parse(line)) };
  };

  test('are those of a recording without replay', () => {
    const all = lines().lines;
    expect(all[0]).toMatchObject({ type: 'header', version: 2, replayable: false, masked: true });
    expect(all.at(-1)).toEqual({ type: 'end', t: 6_000, why: 'closed' });
    for (const line of all) expect(recordedLine(JSON.stringify(line))).toEqual(line);
  });

  test('are in order of time, actors before their steps', () => {
    const times = lines()
      .lines.slice(1)
      .map(({ t, ending }) => t ?? ending?.at)
      .filter((t) => t !== undefined);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('can be limited to some actors', () => {
    const { store } = lines();
    const some = recordingLines(store, [8]).map((line) => JSON.parse(line));
    expect(some.map(({ type, actor }) => `${type} ${actor ?? ''}`.trim())).toEqual([
      'header',
      'actor 8',
      'row 8',
      'step 8',
      'end',
    ]);
  });
});

test('an empty page exports an empty recording', async () => {
  const { store, read } = await reopened(recordingLines(new Store()));
  expect(read.end).toBe('closed');
  expect(store.actors.size).toBe(0);
});
