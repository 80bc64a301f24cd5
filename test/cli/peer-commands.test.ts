import { expect, test } from 'vitest';

import { someNode } from './some-node.ts';
import { tryOut } from './try-out.ts';

test('ping sets the exit code', async () => {
  const { code, output } = await tryOut(['ping', '--json', '--timeout', '5', await someNode()]);
  expect(code).toBe(1);
  expect(JSON.parse(output)).toMatchObject({ type: 'ping.failed' });
});

test('why sets the exit code', async () => {
  const { code, output } = await tryOut(['why', '--json', '--timeout', '5', await someNode()]);
  expect(code).toBe(1);
  expect(JSON.parse(output)).toMatchObject({ type: 'why' });
});
