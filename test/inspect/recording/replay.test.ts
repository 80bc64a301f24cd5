import { beforeAll, describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';

import { machineOf } from '../../../src/inspect/recording/event-forms.ts';
import { SeededRandom } from '../../../src/testing/world/seeded-random.ts';
import { recordWorld } from '../../support/recorded-world.ts';
import {
  forged,
  linesIn,
  replayed,
  runWriter,
  withLine,
  witnessed,
} from '../../support/recordings.ts';
import { doorMachine } from '../../testing/door.ts';

const random = new SeededRandom('which lines');
let text = '';
/** Numbers of lines with an event. */
let steps: readonly number[] = [];

beforeAll(async () => {
  const [node] = await recordWorld(7, { count: 3 });
  text = node!.sink.text;
  steps = (await linesIn(text)).flatMap(({ type }, index) => (type === 'step' ? [index + 1] : []));
}, 60_000);

const some = (count: number): readonly number[] =>
  Array.from({ length: count }, () => steps[random.between(0, steps.length - 1)]!);

describe('a changed recording diverges at the first changed line:', () => {
  test('a state', async () => {
    for (const number of some(8)) {
      const changed = withLine(text, number, (line) => [
        // the last one: an event may have a field of this name
        line.replace(/"state":"[^"]*"(?!.*"state":")/, '"state":"elsewhere"'),
      ]);
      const { divergence } = await replayed(changed);
      expect(divergence).toMatchObject({ line: number });
      expect(divergence!.expected).toMatch(/^elsewhere/);
      expect(divergence!.got).not.toMatch(/^elsewhere/);
    }
  });

  test('an event', async () => {
    for (const number of some(8)) {
      const changed = withLine(text, number, (line) => [
        line.replace(/"event":\{"type":"[^"]*"/, '"event":{"type":"xstate.stop"'),
      ]);
      if (changed === text) continue; // it was stopped anyway
      expect((await replayed(changed)).divergence).toMatchObject({
        line: number,
        event: 'xstate.stop',
      });
    }
  });

  test('a field of an event', async () => {
    for (const number of some(8)) {
      const changed = withLine(text, number, (line) => [
        line.replace('"event":{', '"event":{"x":1,'),
      ]);
      expect((await replayed(changed)).divergence).toMatchObject({ line: number });
    }
  });

  test('a removed line', async () => {
    for (const number of some(8)) {
      const [after] = (await linesIn(text)).slice(number);
      const { divergence } = await replayed(withLine(text, number, () => []));
      const event = after!.type === 'step' ? after!.event.type : after!.type;
      expect(divergence).toMatchObject({ line: number, event });
    }
  });

  test('two lines in another order', async () => {
    for (const number of some(8)) {
      const lines = text.split('\n');
      [lines[number - 1], lines[number]] = [lines[number]!, lines[number - 1]!];
      expect((await replayed(lines.join('\n'))).divergence).toMatchObject({ line: number });
    }
  });
});

test('a recording that was cut off is replayed as far as it goes', async () => {
  for (const number of some(4)) {
    const cut = text.split('\n').slice(0, number).join('\n');
    expect(await replayed(`${cut}\n{"type":"st`)).toMatchObject({ divergence: null, end: null });
    expect(await replayed(cut)).toMatchObject({ divergence: null, end: null });
  }
});

describe('skipped actors', () => {
  const running = { value: 'running', status: 'active', context: {} } as AnyMachineSnapshot;

  test('are those that ran before and those of unknown machines, listed by id', async () => {
    const { writer, sink } = runWriter();
    const old = witnessed(machineOf('protocol')!, 1, 'protocol:old');
    writer.found(old, running);
    writer.stepped(old, { event: { type: 'handler.returned' }, taken: [], snapshot: running });
    const door = witnessed(doorMachine, 2, 'door');
    writer.stepped(door, { event: { type: 'xstate.init' }, taken: [], snapshot: running });
    writer.ended(door, 'error');
    await writer.close();
    expect(await replayed(sink.text)).toMatchObject({
      actors: 0,
      steps: 0,
      skippedTotal: 2,
      skipped: [
        { id: 'protocol:old', why: 'startedBefore' },
        { id: 'door', why: 'unknownMachine' },
      ],
      divergence: null,
    });
  });
});

test('of skipped actors, at most a thousand are listed; all are counted', async () => {
  const { writer, sink } = runWriter();
  const snapshot = { value: 'open', status: 'active', context: {} } as AnyMachineSnapshot;
  for (let number = 1; number <= 1_001; number += 1) {
    const door = witnessed(doorMachine, number, `door:${number}`);
    writer.stepped(door, { event: { type: 'xstate.init' }, taken: [], snapshot });
  }
  await writer.close();
  const { skipped, skippedTotal } = await replayed(sink.text);
  expect([skipped.length, skippedTotal]).toEqual([1_000, 1_001]);
});

test('an actor ends once', async () => {
  const { writer, sink } = runWriter();
  const snapshot = { value: 'open', status: 'active', context: {} } as AnyMachineSnapshot;
  const door = witnessed(doorMachine, 1, 'door');
  writer.stepped(door, { event: { type: 'xstate.init' }, taken: [], snapshot });
  writer.ended(door, 'error');
  await writer.close();
  const lines = sink.text.trimEnd().split('\n');
  const end = lines.findIndex((line) => line.includes('"actorEnded"'));
  const twice = [...lines.slice(0, end + 1), ...lines.slice(end)];
  await expect(replayed(forged(twice))).rejects.toMatchObject({ fault: 'malformedLine' });
});

describe('another end', () => {
  test('is a divergence too', async () => {
    const { writer, sink } = runWriter();
    const actor = witnessed(machineOf('protocol')!, 1, 'protocol:eth/69');
    const snapshot = { value: 'running', status: 'active', context: {} } as AnyMachineSnapshot;
    const input = { protocol: 'eth/69', run: null };
    writer.stepped(actor, { event: { type: 'xstate.init', input }, taken: [], snapshot });
    writer.ended(actor, 'done');
    await writer.close();
    expect((await replayed(sink.text)).divergence).toMatchObject({
      line: 4,
      id: 'protocol:eth/69',
      event: 'actorEnded',
      expected: 'done',
      got: 'active',
    });
  });
});

describe('lines that contradict each other', () => {
  test.for<[string, (lines: string[]) => readonly string[]]>([
    ['an unknown actor', ([header, , step]) => [header!, step!]],
    ['an actor twice', ([header, actor]) => [header!, actor!, actor!]],
    ['a birth twice', ([header, actor, step]) => [header!, actor!, step!, step!]],
    ['something before the birth', ([header, actor, , , next]) => [header!, actor!, next!]],
    ['something after the end', ([header]) => [header!, END, END]],
    [
      'an event that its machine does not know',
      ([header, actor, , , next]) => [
        header!,
        actor!,
        next!
          .replace(/"type":"[^"]*"/, '"type":"step"')
          .replace('"event":{"type":"start"', '"event":{"type":"xstate.init","input":5'),
      ],
    ],
  ])('%s', async ([, choose]) => {
    const changed = forged(choose(text.split('\n')));
    await expect(replayed(changed)).rejects.toMatchObject({ fault: 'malformedLine' });
  });

  const END = '{"type":"end","t":1,"why":"closed"}';
});

test('with forged checks the replay diverges where the machine goes another way', async () => {
  const number = steps.find((line) =>
    text.split('\n')[line - 1]!.includes('"event":{"type":"start"'),
  )!;
  const lines = text.split('\n').slice(0, -1);
  const changed = forged(lines.toSpliced(number - 1, 1));
  const { divergence } = await replayed(changed);
  expect(divergence!.line).toBeGreaterThanOrEqual(number);
  expect(divergence).toMatchObject({ id: 'server', event: 'localNode.ready' });
  expect(divergence!.got).toMatch(/^idle/);
});

test('a chart that has changed since is named', async () => {
  const { writer, sink } = runWriter();
  await writer.close();
  const changed = sink.text.replace(/"peer":"[0-9a-f]+"/, '"peer":"0"');
  expect((await replayed(changed)).changedCharts).toEqual(['peer']);
});
