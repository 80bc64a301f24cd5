/** Activity over the time of a recording. */
import { expect, test } from 'vitest';

import { Tape } from '../../../../src/inspect/page/recording/tape.ts';
import { densityOf } from '../../../../src/inspect/page/recording/tape-density.ts';
import { HEADER, LINES } from '../../../support/recording-lines.ts';

test('steps and endings are counted by time', () => {
  const tape = new Tape(HEADER);
  for (const line of LINES) tape.add(line);
  expect(densityOf(tape, 10)).toEqual({
    steps: [3, 4, 2, 0, 0, 0, 0, 0, 0, 1],
    endings: [0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
  });
});

test('the end of the tape counts in the last part', () => {
  const tape = new Tape(HEADER);
  for (const line of LINES.slice(0, -1)) tape.add(line);
  expect(densityOf(tape, 3).steps).toEqual([9, 0, 1]);
});

test('without a duration everything counts in the first part', () => {
  const tape = new Tape(HEADER);
  for (const line of LINES.slice(0, 3)) tape.add(line);
  expect(densityOf(tape, 2)).toEqual({ steps: [1, 0], endings: [0, 0] });
});
