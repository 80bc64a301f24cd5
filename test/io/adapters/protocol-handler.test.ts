import { describe, expect, test } from 'vitest';
import type { EventObject } from 'xstate';

import {
  type HandlerEvent,
  type ProtocolRun,
  protocolHandler,
} from '../../../src/io/adapters/protocol-handler.ts';
import { runAdapter } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

const run = (handler: ProtocolRun) =>
  runAdapter<HandlerEvent, EventObject, ProtocolRun>(protocolHandler, handler);

test('a handler that returns is reported', async () => {
  const { reports } = run(async () => {});
  await reports.next('handler.returned');
  expect(reports.types).toEqual(['handler.returned']);
});

test('a handler does not start within the turn of the chart', async () => {
  const log: string[] = [];
  run(async () => void log.push('handler'));
  log.push('chart');
  await turns(1);
  expect(log).toEqual(['chart', 'handler']);
});

test('a handler that never returns is never reported', async () => {
  const { reports } = run(() => new Promise(() => {}));
  await turns();
  expect(reports.all).toEqual([]);
});

test('what a handler does after it was stopped is not reported', async () => {
  const { reports, stop } = run(() => Promise.reject(new Error('too late')));
  stop();
  await turns();
  expect(reports.all).toEqual([]);
});

describe('P17: a handler fails without harm', () => {
  const nothingToString: unknown = Object.create(null);
  for (const [how, handler, message] of [
    ['by rejecting', () => Promise.reject(new RangeError('too far')), 'RangeError: too far'],
    ['by throwing at once', thrower(new TypeError('not that')), 'TypeError: not that'],
    ['by rejecting with text', () => Promise.reject('text'), 'text'],
    ['by rejecting with null', () => Promise.reject(null), 'null'],
    ['by rejecting with a symbol', () => Promise.reject(Symbol('odd')), 'Symbol(odd)'],
    ['by rejecting with what has no text', () => Promise.reject(nothingToString), null],
  ] as const)
    test(how, async () => {
      const { reports } = run(handler);
      await turns();
      expect(reports.types).toEqual(['handler.failed']);
      if (message !== null) expect(reports.all).toMatchObject([{ message }]);
    });
});

function thrower(error: Error): ProtocolRun {
  return () => {
    throw error;
  };
}
