import { describe, expect, test } from 'vitest';

import { chartModel, type Trigger } from '../../src/charts/chart-model.ts';
import { stateAt } from '../../src/charts/chart-reading.ts';
import {
  conditionWords,
  consequenceWords,
  exactDuration,
  placeWords,
  shortDuration,
  triggerCode,
  triggerKey,
  triggerWords,
} from '../../src/charts/chart-words.ts';
import { sampleMachine } from './sample.ts';

const sample = chartModel(sampleMachine);

describe('texts', () => {
  const triggers: [trigger: Trigger, words: string, inCode: string][] = [
    [{ kind: 'event', name: 'ack.sent' }, 'ack.sent', '`ack.sent`'],
    [{ kind: 'after', delay: 'farewell', ms: 2000 }, 'after farewell (2 s)', 'after `farewell`'],
    [{ kind: 'always' }, 'at once', 'at once'],
    [{ kind: 'done', of: 'listener' }, 'listener is done', '`listener` is done'],
    [{ kind: 'done', of: '*' }, 'an actor is done', 'an actor is done'],
    [{ kind: 'error', of: 'link' }, 'link fails', '`link` fails'],
  ];
  for (const [trigger, words, inCode] of triggers)
    test(`a trigger reads "${words}"`, () => {
      expect(triggerWords(trigger)).toBe(words);
      expect(triggerCode(trigger)).toBe(inCode);
    });

  test('durations are short in pictures and exact in tables', () => {
    expect([200, 1500, 5000, null].map(shortDuration)).toEqual([
      '200 ms',
      '1.5 s',
      '5 s',
      'computed',
    ]);
    expect([200, 1500, 5000, null].map(exactDuration)).toEqual([
      '200 ms',
      '1500 ms',
      '5000 ms',
      'computed',
    ]);
  });

  test('conditions and effects of every kind of transition', () => {
    const said = ['end', ''].flatMap((path) =>
      stateAt(sample, path).transitions.map(
        (one) => `${conditionWords(one)} | ${consequenceWords(sample, one)}`,
      ),
    );
    expect(said).toEqual([
      'go [isReady] | if `isReady`: → `busy`',
      'go [otherwise] | otherwise: runs `note`',
      'never | ignored',
      'after patience (1.5 s) | `reject.late` → `rejected.late`',
      'after pause (250 ms) | → `busy`',
      'after whim (computed) | → `over`',
      '[isReady] | if `isReady`: → `busy`',
      '[has a:b;"c"#{}] | if `has a:b;"c"#{}`: → `busy.left.on`',
      'reject.late | → `rejected.late`',
      'reject.rude | → `rejected.rude`',
      'stop | raises an event that `decide` chooses',
      'halt | raises `stop`',
      'an actor is done | runs `note`',
      'link fails | `reject.late` → `rejected.late`',
    ]);
  });

  test('the root reads as any state', () => {
    expect([placeWords(''), placeWords('busy.left')]).toEqual(['any state', '`busy.left`']);
  });
});

test('the key of a trigger is its event type, or its kind and name', () => {
  const triggers: Trigger[] = [
    { kind: 'event', name: 'ack.sent' },
    { kind: 'after', delay: 'farewell', ms: 2000 },
    { kind: 'always' },
    { kind: 'done', of: 'listener' },
    { kind: 'error', of: 'link' },
  ];
  expect(triggers.map(triggerKey)).toEqual([
    'ack.sent',
    'after farewell',
    'always',
    'done listener',
    'error link',
  ]);
});
