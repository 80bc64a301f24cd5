import { expect, test } from 'vitest';
import { visitsOnly } from '../../src/crawl/visits-only.ts';
import { dialInput } from '../support/dial-input.ts';
import { target } from '../support/server-run.ts';

const { rules } = dialInput({});
const FREE = {
  ...{
    dialing: new Map(),
    recent: new Set<string>(),
    backingOff: new Map(),
    peers: new Map(),
    pendingInbound: new Map(),
  },
  ...{ slots: { static: 5, dynamic: 5 }, isFallback: true },
};

test('a crawl dials the nodes that are visited, and neither bootnodes nor candidates', () => {
  const begun = visitsOnly.begin({
    rules: { ...rules, canResolve: true },
    ...{ statics: [target('a')], bootnodes: [target('b')], seed: 1 },
  });
  expect(visitsOnly.mayDial!(begun)).toBe(true);
  const { tasks, candidate } = visitsOnly.newTasks(begun, FREE);
  expect(tasks).toEqual([{ target: target('a'), direction: 'static', mayResolve: false }]);
  expect(candidate).toBe('none');
  expect(visitsOnly.mayDial!(visitsOnly.removeStatic(begun, target('a').id))).toBe(false);
});
