import { expect, test } from 'vitest';

test('two nodes are separated and reconnect', async () => {
  const { events } = await import('../../examples/simulated-world.ts');
  expect(events).toEqual(['add', 'drop', 'add', 'drop']);
});
