import { expect, test } from 'vitest';
import { VERSION } from '../../src/api/version.ts';
import { clientName } from '../../src/node/client-name.ts';

test('has the form of go-ethereum, with the words of Go for system and processor', () => {
  const linux = { platform: 'linux', arch: 'x64', version: 'v22.1.0' } as const;
  const windows = { platform: 'win32', arch: 'arm64', version: 'v20.19.0' } as const;
  expect(clientName(undefined, linux)).toBe(`peerchart/v${VERSION}/linux-amd64/node22.1.0`);
  expect(clientName('mine', windows)).toBe(`peerchart/mine/v${VERSION}/windows-arm64/node20.19.0`);
  expect(clientName(undefined)).toMatch(/^peerchart\/v[^/]+\/[a-z\d]+-[a-z\d]+\/node[\d.]+$/);
});
