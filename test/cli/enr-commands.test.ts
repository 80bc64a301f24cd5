import { join } from 'node:path';
import { expect, test } from 'vitest';

import { scratch } from './scratch.ts';
import { tryOut } from './try-out.ts';

test('a record that was signed with the given options is decoded', async () => {
  const file = join(await scratch(), 'nodekey');
  await tryOut(['key', 'new', file]);
  const { output } = await tryOut(
    `enr new ${file} --ip 192.0.2.1 --tcp 1 --udp 2 --seq 3`.split(' '),
  );
  const decoded = await tryOut(['enr', 'decode', '--json', output.trim()]);
  expect(decoded.code).toBe(0);
  expect(JSON.parse(decoded.output)).toMatchObject({ enr: output.trim() });
  const json = await tryOut(['enr', 'new', file, '--json']);
  expect(JSON.parse(json.output)).toMatchObject({ enr: expect.stringMatching(/^enr:/) });
  expect(decoded.output).toContain('@192.0.2.1:1?discport=2');
});

test('the record of a key file is shown', async () => {
  const file = join(await scratch(), 'nodekey');
  await tryOut(['key', 'new', file]);
  const { code, output } = await tryOut(['enr', 'show', file, '--tcp', '1', '--ip', '192.0.2.1']);
  expect([code, output]).toEqual([0, expect.stringContaining('@192.0.2.1:1')]);
});
