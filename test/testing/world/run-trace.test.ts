import { expect, test } from 'vitest';

import { RunTrace } from '../../../src/testing/world/run-trace.ts';

function traceOf(...records: Parameters<RunTrace['record']>[]): RunTrace {
  const trace = new RunTrace(true);
  for (const record of records) trace.record(...record);
  return trace;
}

test('the same records give the same fingerprint; another time, text, byte or order gives another', () => {
  const same = traceOf([1, 'a'], [2, 'b', Uint8Array.of(7)]).fingerprint;
  expect(traceOf([1, 'a'], [2, 'b', Uint8Array.of(7)]).fingerprint).toBe(same);
  const others = [
    traceOf([2, 'a'], [2, 'b', Uint8Array.of(7)]),
    traceOf([1, 'A'], [2, 'b', Uint8Array.of(7)]),
    traceOf([1, 'a'], [2, 'b', Uint8Array.of(8)]),
    traceOf([2, 'b', Uint8Array.of(7)], [1, 'a']),
    traceOf([1, 'a'], [2, 'b']),
  ];
  const fingerprints = others.map(({ fingerprint }) => fingerprint);
  expect(new Set([same, ...fingerprints]).size).toBe(6);
});

test('reading the fingerprint does not end the trace', () => {
  const trace = traceOf([1, 'a']);
  const before = trace.fingerprint;
  trace.record(2, 'b');
  expect(trace.fingerprint).not.toBe(before);
});

test('lines are kept only on request', () => {
  expect(traceOf([1, 'a'], [2, 'b', Uint8Array.of(7, 255)]).lines).toEqual(['1 a', '2 b 07ff']);
  const forgetful = new RunTrace(false);
  forgetful.record(1, 'a');
  expect(forgetful.lines).toEqual([]);
});
