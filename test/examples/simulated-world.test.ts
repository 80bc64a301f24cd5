import { expect, test } from 'vitest';

test('two nodes lose each other and meet again', async () => {
  const { story } = await import('../../examples/simulated-world.ts');
  expect(story).toEqual(['add', 'drop', 'add', 'drop']);
});
