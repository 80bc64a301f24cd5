import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';

import { machineOf } from '../../../src/inspect/recording/event-forms.ts';
import { MAX_WAITING_BYTES } from '../../../src/inspect/recording/recording-writer.ts';
import { MAX_LINE_BYTES } from '../../../src/inspect/recording.ts';
import { settledHeap } from '../../fuzz/watchdog.ts';
import { linesIn, replayed, runWriter, someHeader, witnessed } from '../../support/recordings.ts';

const protocol = machineOf('protocol')!;
const actor = witnessed(protocol, 1, 'protocol:eth/69');
const running = { value: 'running', status: 'active', context: {} } as AnyMachineSnapshot;
const input = { protocol: 'eth/69', run: async () => {} };
const birth = { event: { type: 'xstate.init', input }, taken: [], snapshot: running };
const failing = (message: string) => ({
  event: { type: 'handler.failed', message },
  taken: [],
  snapshot: running,
});

const typesIn = async (text: string): Promise<readonly string[]> =>
  (await linesIn(text)).map(({ type }) => type);

describe('lines', () => {
  test('start with the header and finish with the end', async () => {
    const { writer, sink, clock } = runWriter();
    clock.advance(1_500);
    writer.stepped(actor, birth);
    writer.ended(actor, 'stopped');
    await writer.close();
    expect(sink.isClosed).toBe(true);
    const lines = await linesIn(sink.text);
    expect(lines.map(({ type }) => type)).toEqual(['header', 'actor', 'step', 'actorEnded', 'end']);
    expect(lines[0]).toMatchObject(someHeader);
    expect(lines[1]).toMatchObject({ t: 1_500, id: 'protocol:eth/69', state: null });
    expect(lines[2]).toMatchObject({ state: 'running', transitions: [] });
    expect(lines[4]).toMatchObject({ why: 'closed', t: 1_500 });
    expect([writer.lines, writer.bytes]).toEqual([5, sink.text.length]);
  });

  test('have the state of an actor that ran before', async () => {
    const { writer, sink } = runWriter();
    writer.found(actor, running);
    await writer.close();
    expect((await linesIn(sink.text))[1]).toMatchObject({ found: true, state: 'running' });
  });

  test('have a row only when it changed', async () => {
    const peer = witnessed(machineOf('peer')!, 2, 'peer:2');
    const at = (protocols: readonly string[]) =>
      ({
        ...running,
        context: { runs: protocols.map((name) => ({ protocol: name })) },
      }) as unknown as AnyMachineSnapshot;
    const { writer, sink } = runWriter();
    writer.found(peer, at(['eth/69']));
    for (const protocols of [['eth/69'], ['eth/68']])
      writer.stepped(peer, {
        event: { type: 'pong.received' },
        taken: [],
        snapshot: at(protocols),
      });
    await writer.close();
    const types = await typesIn(sink.text);
    expect(types).toEqual(['header', 'actor', 'row', 'step', 'step', 'row', 'end']);
  });

  test('have one end', async () => {
    const { writer, sink, whys } = runWriter();
    await writer.close();
    await writer.close();
    writer.stepped(actor, birth);
    expect(await typesIn(sink.text)).toEqual(['header', 'end']);
    expect([whys, writer.why]).toEqual([['closed'], 'closed']);
  });
});

describe('an event that is too long', () => {
  test('is written without its fields, and the rest can be read', async () => {
    const { writer, sink } = runWriter();
    writer.stepped(actor, birth);
    writer.stepped(actor, failing('x'.repeat(MAX_LINE_BYTES)));
    writer.ended(actor, 'done');
    await writer.close();
    expect((await linesIn(sink.text))[3]).toMatchObject({
      event: { type: 'handler.failed', '?': true },
    });
    expect(await replayed(sink.text)).toMatchObject({
      divergence: null,
      actors: 0,
      skipped: [{ id: 'protocol:eth/69', why: 'incompleteEvent' }],
    });
  });
});

describe('of its actors it keeps', () => {
  const peerMachine = machineOf('peer')!;
  const withRow = {
    ...running,
    context: { runs: [{ protocol: `eth/69-${'x'.repeat(200)}` }] },
  } as unknown as AnyMachineSnapshot;

  test('no row of one that has ended', async () => {
    const { writer, sink } = runWriter();
    const peer = witnessed(peerMachine, 2, 'peer:2');
    writer.found(peer, withRow);
    writer.ended(peer, 'done');
    writer.found(peer, withRow);
    await writer.close();
    const types = await typesIn(sink.text);
    expect(types).toEqual(['header', 'actor', 'row', 'actorEnded', 'actor', 'row', 'end']);
  });

  test('no end of one that had no line, or has ended', async () => {
    const { writer, sink } = runWriter();
    writer.started();
    writer.ended(actor, 'stopped');
    writer.found(actor, running);
    writer.ended(actor, 'stopped');
    writer.ended(actor, 'stopped');
    await writer.close();
    expect(await typesIn(sink.text)).toEqual(['header', 'actor', 'actorEnded', 'end']);
  });

  test.for([
    ['number', protocol, running, 50_000, 600_000],
    ['row', peerMachine, withRow, 20_000, 4_000_000],
  ] as const)('no %s when it has ended itself', async ([, machine, snapshot, count, least]) => {
    const { writer, sink } = runWriter();
    for (let number = 1; number <= count; number += 1) {
      writer.found(witnessed(machine, number, 'one'), snapshot);
      sink.text = '';
    }
    const full = await settledHeap();
    await writer.close();
    expect(full - (await settledHeap())).toBeGreaterThan(least);
    expect(writer.why).toBe('closed');
  });
});

describe('a recording ends by itself', () => {
  test('when the file is full, with an end line that says so', async () => {
    const maxBytes = 4_000;
    const { writer, sink, whys } = runWriter({ maxBytes });
    writer.stepped(actor, birth);
    for (let index = 0; index < 100; index += 1) writer.stepped(actor, failing('again'));
    expect([whys, writer.why]).toEqual([['full'], 'full']);
    expect(sink.text.length).toBeLessThanOrEqual(maxBytes);
    expect(sink.text.length).toBeGreaterThan(maxBytes - 600);
    await writer.close();
    expect((await linesIn(sink.text)).at(-1)).toMatchObject({ type: 'end', why: 'full' });
  });

  test('when the disk is too slow: memory does not grow', async () => {
    const { writer, sink, whys } = runWriter();
    writer.stepped(actor, birth);
    sink.waiting = MAX_WAITING_BYTES;
    writer.stepped(actor, failing('again'));
    sink.waiting = 0;
    writer.stepped(actor, failing('again'));
    expect(whys).toEqual(['failed']);
    expect((await linesIn(sink.text)).at(-1)).toMatchObject({ type: 'end', why: 'failed' });
  });

  test('when the disk is full', () => {
    const { writer, breakDisk, whys } = runWriter();
    breakDisk();
    breakDisk();
    writer.stepped(actor, birth);
    expect([whys, writer.lines]).toEqual([['failed'], 2]);
  });
});
