/** The unit of docs/deploy is one that systemd accepts, and a hardened one. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../cli/scratch.ts';

/** Of 100; systemd calls up to 20 "ok". */
const MAX_EXPOSURE = 15;

test('systemd-analyze accepts the unit and its hardening', async () => {
  const file = join(await scratch(), 'peerchart.service');
  const unit = readFileSync(
    new URL('../../docs/deploy/peerchart.service', import.meta.url),
    'utf8',
  );
  // the program of the unit is not installed here
  writeFileSync(file, unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
  const analyze = (...args: string[]) =>
    execFileSync('systemd-analyze', [...args, file], { encoding: 'utf8', stdio: 'pipe' });
  expect(analyze('verify', '--man=no')).toBe('');
  analyze('security', '--offline=yes', `--threshold=${MAX_EXPOSURE}`); // fails above it
});
