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

test('keys are printed as JSON', async () => {
  const file = join(await scratch(), 'nodekey');
  const made = JSON.parse((await tryOut(['key', 'new', file, '--json'])).output);
  expect(made).toEqual({ type: 'key.new', id: expect.stringMatching(/^[0-9a-f]{64}$/), file });
  const shown = JSON.parse((await tryOut(['key', 'show', file, '--json'])).output);
  expect(shown).toMatchObject({
    type: 'key',
    id: made.id,
    enode: expect.stringMatching(/^enode:/),
  });
  const secret = JSON.parse((await tryOut(['key', 'new', '--stdout', '--json'])).output);
  expect(secret).toMatchObject({ secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
});
