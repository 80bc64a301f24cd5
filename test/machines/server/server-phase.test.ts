import { expect, test } from 'vitest';

import { phaseOf, phasePath } from '../../../src/machines/server/server-phase.ts';

test.for([
  ['idle', 'idle'],
  ['stopped', 'stopped'],
  ['running', { active: { phase: 'running', listener: 'live' } }],
  ['starting', { active: { phase: { starting: 'listening' }, listener: 'live' } }],
] as const)('the phase is %s for every combination of parts', ([phase, value]) => {
  expect(phaseOf({ value })).toBe(phase);
});

test.for([
  ['active.phase.starting.listening+active.listener.live', 'starting.listening'],
  ['active.phase.running+active.listener.gone', 'running'],
  ['idle', 'idle'],
])('of the path %s, the phase is %s', ([path, phase]) => {
  expect(phasePath(path!)).toBe(phase);
});
