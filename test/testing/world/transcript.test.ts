import { expect, test } from 'vitest';

import { Transcript } from '../../../src/testing/world/transcript.ts';

function transcriptOf(...notes: Parameters<Transcript['note']>[]): Transcript {
  const transcript = new Transcript(true);
  for (const note of notes) transcript.note(...note);
  return transcript;
}

test('the same notes give the same fingerprint; another time, word, byte or order gives another', () => {
  const same = transcriptOf([1, 'a'], [2, 'b', Uint8Array.of(7)]).fingerprint;
  expect(transcriptOf([1, 'a'], [2, 'b', Uint8Array.of(7)]).fingerprint).toBe(same);
  const others = [
    transcriptOf([2, 'a'], [2, 'b', Uint8Array.of(7)]),
    transcriptOf([1, 'A'], [2, 'b', Uint8Array.of(7)]),
    transcriptOf([1, 'a'], [2, 'b', Uint8Array.of(8)]),
    transcriptOf([2, 'b', Uint8Array.of(7)], [1, 'a']),
    transcriptOf([1, 'a'], [2, 'b']),
  ];
  const fingerprints = others.map(({ fingerprint }) => fingerprint);
  expect(new Set([same, ...fingerprints]).size).toBe(6);
});

test('looking at the fingerprint does not end it', () => {
  const transcript = transcriptOf([1, 'a']);
  const before = transcript.fingerprint;
  transcript.note(2, 'b');
  expect(transcript.fingerprint).not.toBe(before);
});

test('lines are kept only on request', () => {
  expect(transcriptOf([1, 'a'], [2, 'b', Uint8Array.of(7, 255)]).lines).toEqual([
    '1 a',
    '2 b 07ff',
  ]);
  const forgetful = new Transcript(false);
  forgetful.note(1, 'a');
  expect(forgetful.lines).toEqual([]);
});
