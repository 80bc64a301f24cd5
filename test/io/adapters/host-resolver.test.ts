import { expect, test } from 'vitest';
import type { EventObject } from 'xstate';

import { hostResolver, type ResolverEvent } from '../../../src/io/adapters/host-resolver.ts';
import { runAdapter } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

const resolve = (name: string) =>
  runAdapter<ResolverEvent, EventObject, string>(hostResolver, name);

test('a name the system knows has an address', async () => {
  const { reports } = resolve('localhost');
  const { address } = await reports.next('host.found');
  expect(['127.0.0.1', '::1']).toContain(address);
  expect(reports.all).toHaveLength(1);
});

test('an address is its own answer', async () => {
  const { reports } = resolve('192.0.2.7');
  expect(await reports.next('host.found')).toEqual({ type: 'host.found', address: '192.0.2.7' });
});

// ".invalid" never exists (RFC 2606), with a name server or without one
test('a name without an address is reported, with what the system said', async () => {
  const { reports } = resolve('invalid.invalid');
  const { detail } = await reports.next('host.notFound');
  expect(detail).toContain('invalid.invalid');
  expect(reports.all).toHaveLength(1);
});

test('an answer that comes late is dropped', async () => {
  const early = resolve('localhost');
  early.stop();
  await resolve('localhost').reports.next('host.found');
  await turns();
  expect(early.reports.all).toEqual([]);
});
