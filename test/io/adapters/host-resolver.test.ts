import { expect, test } from 'vitest';
import type { EventObject } from 'xstate';

import type { LookUp } from '../../../src/io/adapters/host-lookup.ts';
import { HostLookups } from '../../../src/io/adapters/host-lookups.ts';
import {
  hostResolver,
  hostResolverOf,
  type ResolverEvent,
} from '../../../src/io/adapters/host-resolver.ts';
import { systemClock } from '../../../src/io/process/clock.ts';
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

// ".invalid" never exists (RFC 2606); without a name server the lookup fails
test('a name without an address is reported, with what the system said', async () => {
  const { reports } = resolve('invalid.invalid');
  const report = await Promise.race([
    reports.next('host.notFound'),
    reports.next('host.lookupFailed'),
  ]);
  expect(report.detail).toContain('invalid.invalid');
  expect(reports.all).toHaveLength(1);
});

test('a failed lookup is reported as such, and a denied name as such', async () => {
  for (const failure of ['lookupFailed', 'notFound'] as const) {
    const lookUp: LookUp = (_, onAnswer) => {
      onAnswer({ failure, detail: 'as the system said' });
      return () => {};
    };
    const resolver = hostResolverOf(new HostLookups({ lookUp, clock: systemClock }));
    const { reports } = runAdapter<ResolverEvent, EventObject, string>(resolver, 'node.example');
    const type = `host.${failure}` as const;
    expect(await reports.next(type)).toEqual({ type, detail: 'as the system said' });
  }
});

test('an answer that comes late is dropped', async () => {
  const early = resolve('localhost');
  early.stop();
  await resolve('localhost').reports.next('host.found');
  await turns();
  expect(early.reports.all).toEqual([]);
});
