import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { READS_PROTOCOL, readFrame } from '../../../../src/inspect/page/model/frame-reading.ts';
import { PROTOCOL } from '../../../../src/inspect/protocol.ts';
import { ending, NodeFrames } from './node-frames.ts';

test('the page reads the protocol version that the server sends', () => {
  expect(READS_PROTOCOL).toBe(PROTOCOL);
});

describe('not a frame', () => {
  test.for([
    null,
    undefined,
    7,
    'x',
    [],
    {},
    { t: 1 },
    { t: '1', hz: 1 },
    { t: Number.NaN, hz: 1 },
  ])('%j', (value) => {
    expect(readFrame(value)).toBeNull();
  });
});

test('a valid frame is read completely', () => {
  const node = new NodeFrames();
  const actor = node.born('peer', 'peer:1', 'running', { protocols: ['eth/69'] });
  node.step(actor, 'x', 'y', ['running', 'x', 'y']);
  node.over(actor);
  node.ended(ending());
  const frame = node.frame();
  expect(readFrame(frame)).toEqual({ frame, dropped: 0 });
});

test('invalid items of a list are dropped and counted', () => {
  const good = [1, 2, 3, 4];
  const read = readFrame({ t: 0, hz: 1, moved: [good, [1], [-1, 0, 0, 0], ['1', 0, 0, 0], null] });
  expect(read).toEqual({ frame: { t: 0, hz: 1, moved: [good] }, dropped: 4 });
});

test('a dictionary with one invalid entry is dropped, for later indexes would shift', () => {
  expect(readFrame({ t: 0, hz: 1, names: ['a', 7, 'b'] })).toEqual({
    frame: { t: 0, hz: 1 },
    dropped: 1,
  });
});

test('a value that should be a list is dropped', () => {
  expect(readFrame({ t: 0, hz: 1, log: 'x' })).toEqual({
    frame: { t: 0, hz: 1, log: [] },
    dropped: 1,
  });
});

test.for([
  { type: 'other' },
  { explanation: null },
  { explanation: { verdict: 'x' } },
  { direction: 'sideways' },
  { connection: 7 },
])('an ending with %j is dropped', (wrong) => {
  expect(readFrame({ t: 0, hz: 1, endings: [{ ...ending(), ...wrong }] })!.frame.endings).toEqual(
    [],
  );
});

test('rows with text in place of a list are dropped', () => {
  const rows = [
    [1, { capabilities: 'eth' }],
    [2, { protocols: [7] }],
    [3, { remote: null }],
    [4, {}],
  ];
  expect(readFrame({ t: 0, hz: 1, rows })!.frame.rows).toEqual([[4, {}]]);
});

test('no input makes it throw', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom('names', 'transitions', 'actors', 'views', 'focusedSteps', 'about'),
        fc.jsonValue(),
      ),
      (value, parts) => {
        readFrame(value);
        expect(readFrame({ ...(parts as object), t: 1, hz: 1 })).not.toBeNull();
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});
