import { expect, test } from 'vitest';
import type { StateValue } from 'xstate';

import { statePath } from '../../src/actors/state-path.ts';

test.for<[value: StateValue, path: string]>([
  ['idle', 'idle'],
  [{ rejected: 'tooManyPeers' }, 'rejected.tooManyPeers'],
  [{ starting: { listening: 'binding' } }, 'starting.listening.binding'],
  [{ connections: 'peers', listener: 'draining' }, 'connections.peers+listener.draining'],
  [
    { stopping: { connections: 'ended', listener: {} } },
    'stopping.connections.ended+stopping.listener',
  ],
  [{ waiting: undefined }, 'waiting'],
])('%j reads as %s', ([value, path]) => {
  expect(statePath(value)).toBe(path);
});
