import { join } from 'node:path';
import { expect, test } from 'vitest';

import { scratch } from './scratch.ts';
import { tryOut } from './try-out.ts';

test('a key that was made is shown with the given host and port', async () => {
  const file = join(await scratch(), 'nodekey');
  expect((await tryOut(['key', 'new', file])).code).toBe(0);
  const { output } = await tryOut(['key', 'show', file, '--host', '192.0.2.1', '--port', '7']);
  expect(output).toMatch(/^enode +enode:\/\/[0-9a-f]{128}@192\.0\.2\.1:7$/m);
});
