import { expect, test } from 'vitest';

import { checkOptions } from '../../src/server/config.ts';
import { provideAdapters } from '../../src/server/machine-adapters.ts';
import { keyOf } from '../support/world.ts';

test('every machine gets its adapters, and its decisions are unchanged', () => {
  const config = checkOptions({ nodeKey: keyOf(1) });
  const machine = provideAdapters(config, { machines: {} });
  const { localNode, listener, dialScheduler } = machine.implementations.actors;
  expect(listener).toMatchObject({
    implementations: { actors: { socketServer: config.ports.listener } },
  });
  const { candidates } = (dialScheduler as unknown as typeof machine).implementations
    .actors as Record<string, unknown>;
  for (const actor of [localNode, candidates])
    expect(actor).toMatchObject({ start: expect.any(Function) });
});
