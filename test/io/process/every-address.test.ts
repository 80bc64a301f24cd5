import type { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';

import { bindableHost } from '../../../src/io/process/every-address.ts';

const withFamilies =
  (...families: ('IPv4' | 'IPv6')[]): typeof networkInterfaces =>
  () => ({ none: undefined, lo: families.map((family) => ({ family }) as never) });

test('every address is `::` where an interface has IPv6, and `0.0.0.0` otherwise', () => {
  expect(bindableHost('::', withFamilies('IPv4', 'IPv6'))).toBe('::');
  expect(bindableHost('::', withFamilies('IPv4'))).toBe('0.0.0.0');
  expect(bindableHost('::', () => ({}))).toBe('0.0.0.0');
});

test('any other host is unchanged', () => {
  for (const host of ['0.0.0.0', '127.0.0.1', '::1', 'localhost'])
    expect(bindableHost(host, withFamilies('IPv4'))).toBe(host);
});
