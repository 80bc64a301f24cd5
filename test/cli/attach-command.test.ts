import { expect, test } from 'vitest';
import { tryOut } from './try-out.ts';

test('the words and the option reach the command', async () => {
  const { code, errors } = await tryOut(['attach', '/nowhere', 'admin_peers', 'x', '--json']);
  expect([code, errors]).toEqual([
    1,
    'peerchart: /nowhere/peerchart.ipc: no node runs with this data directory, or it has no admin API\n',
  ]);
});
