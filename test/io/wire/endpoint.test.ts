import { expect, test } from 'vitest';

import { formatEndpoint } from '../../../src/io/wire/endpoint.ts';

test('an endpoint is written with brackets around IPv6', () => {
  expect(formatEndpoint({ host: '192.0.2.7', port: 30_303 })).toBe('192.0.2.7:30303');
  expect(formatEndpoint({ host: '2001:db8::1', port: 1 })).toBe('[2001:db8::1]:1');
});
