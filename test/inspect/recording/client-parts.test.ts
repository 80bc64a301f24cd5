import { expect, test } from 'vitest';

import { isCommonPart } from '../../../src/inspect/recording/client-parts.ts';

test.for([
  'Geth/v1.16.7-stable/linux-amd64/go1.25.1',
  'Geth/v1.16.8-unstable-0a1b2c3d-20251130/darwin-arm64/go1.25.1',
  'Nethermind/v1.35.0+6cb3b8d0/linux-x64/dotnet9.0.10',
  'reth/v1.9.3-27a8c0f/x86_64-unknown-linux-gnu',
  'besu/v25.10.0/linux-x86_64/openjdk-java-21',
  'erigon/v3.2.2-abcdef12/windows-amd64/go1.24.9',
  'ethereumjs-devp2p/v4.2.0/linux-x64/nodejs',
  'peerchart/0.2.0',
])('every part of %s is common', (client) => {
  expect(client.split('/').filter((part) => !isCommonPart(part))).toEqual([]);
});

test.for([
  'bastion-7',
  'my-geth',
  'v1.2.3-of-mine',
  'linux-box',
  '192.0.2.1',
  'v192.0.2.1',
  '12345',
  'deadbeef',
  'go',
  'a b',
  ' Geth',
])('%s is not', (part) => {
  expect(isCommonPart(part)).toBe(false);
});

test('a long part costs little', () => {
  for (const part of ['x86_64_'.repeat(10_000), `v1.2-${'12345678-'.repeat(10_000)}`])
    expect(isCommonPart(part)).toBe(false);
});
