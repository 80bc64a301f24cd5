/** Every transition of every machine, recorded and lived through again. */
import { describe, expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';

import { MACHINE_IDS, machineOf } from '../../../src/inspect/recording/event-forms.ts';
import { createMask } from '../../../src/inspect/recording/mask.ts';
import type { Paths } from '../../../src/testing/model/paths.ts';
import { MODELS } from '../../support/models.ts';
import { recordPath, replayed, runWriter, witnessed } from '../../support/recordings.ts';

test('every machine that has a model has forms', () => {
  expect([...MACHINE_IDS].sort()).toEqual(Object.keys(MODELS).sort());
});

/** Machines that decide by distances of ids, which pseudonyms do not keep: masked, their actors are left out. */
const MEASURE_IDS = ['lookup', 'table-maintenance'];

/** To explore a machine takes longer than all the rest. */
const explored = new Map<string, Paths<AnyStateMachine>>();

function pathsThrough(id: string): Paths<AnyStateMachine> {
  const paths = explored.get(id) ?? MODELS[id]!();
  explored.set(id, paths);
  return paths;
}

describe.for([
  ['as it is', undefined],
  ['masked', createMask(new Uint8Array(32).fill(7), 'us')],
] as const)('%s', ([, mask]) => {
  const replayable = MACHINE_IDS.filter((id) => !mask || !MEASURE_IDS.includes(id));
  test.for(replayable)('every path through %s is replayed', async (id) => {
    const machine = machineOf(id)!;
    const { writer, sink } = runWriter(mask && { mask });
    const paths = pathsThrough(id);
    for (const [index, path] of paths.entries())
      recordPath(writer, witnessed(machine, index + 1, id), path);
    await writer.close();
    expect(sink.lines.filter((line) => line.includes('"?":true'))).toEqual([]);
    const result = await replayed(sink.text);
    expect(result).toMatchObject({
      divergence: null,
      skippedTotal: 0,
      changedCharts: [],
      actors: paths.length,
      steps: paths.length + paths.reduce((sum, { steps }) => sum + steps.length, 0),
      end: 'closed',
    });
  });
});

test.for(MEASURE_IDS)('masked, the actors of %s are left out of a replay', async (id) => {
  const { writer, sink } = runWriter({ mask: createMask(new Uint8Array(32).fill(7), 'us') });
  const [path] = pathsThrough(id);
  recordPath(writer, witnessed(machineOf(id)!, 1, id), path!);
  await writer.close();
  expect(sink.lines.some((line) => line.includes('"?":true'))).toBe(true);
  const result = await replayed(sink.text);
  expect(result).toMatchObject({ divergence: null, skippedTotal: 1, steps: 0, end: 'closed' });
});
