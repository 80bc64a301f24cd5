import { describe, expect, test } from 'vitest';
import type { GatewayEvent } from '../../../src/io/adapters/gateway-commands.ts';
import type { MappedProtocol } from '../../../src/io/nat/gateway.ts';
import {
  ADDRESS_POLL_MS,
  CALL_TIMEOUT_MS,
  MAPPING_LIFETIME_MS,
  MAX_FAILURES,
  PROTOCOLS,
  REFRESH_MS,
  RETRY_MS,
} from '../../../src/machines/discovery/port-mapper.ts';
import {
  addressFound,
  bound,
  mapDone,
  mapFailed,
  type runPortMapper,
  runPortMapperToMapped,
  runPortMapperToServing,
} from '../../support/port-mapper-run.ts';

const wished = (protocol: MappedProtocol, externalPort: number | null, port = 30_303) => ({
  ...{ type: 'map', protocol, host: '0.0.0.0', port, externalPort },
  lifetimeMs: MAPPING_LIFETIME_MS,
});
const deleted = (protocol: MappedProtocol) => ({
  ...{ type: 'unmap', protocol, port: 30_303, externalPort: 30_303 },
});

describe.for(PROTOCOLS)('a mapping over %s', (protocol) => {
  const other = protocol === 'tcp' ? 'udp' : 'tcp';

  test('lasts 10 min, is renewed after 8 min to the same external port, and is not deleted for that', () => {
    const run = runPortMapperToServing(protocol);
    expect(run.gateway.commands.at(-1)).toEqual(wished(protocol, null));
    run.gateway.report(mapDone(protocol, 40_404));
    expect(run.reports.at(-1)).toEqual({ type: 'port.mapped', protocol, port: 40_404 });
    run.clock.advance(REFRESH_MS - 1);
    expect(run.regions()).toMatchObject({ [protocol]: 'mapped' });
    run.clock.advance(1);
    expect(run.regions()).toMatchObject({ [protocol]: 'refreshing' });
    expect(run.commands()).toContainEqual(wished(protocol, 40_404));
    expect(run.gateway.commands.map(({ type }) => type)).not.toContain('unmap');
  });

  test('is not made before we listen, and then not for the other protocol', () => {
    const run = runPortMapperToServing();
    expect(run.regions()).toMatchObject({ [protocol]: 'unbound', [other]: 'unbound' });
    run.send(bound(protocol));
    expect(run.regions()).toMatchObject({ [protocol]: 'requesting', [other]: 'unbound' });
    run.gateway.report(mapFailed(other));
    run.gateway.report({ type: 'map.notSupported', protocol: other });
    run.gateway.report({ type: 'map.loopback', protocol: other });
    expect(run.regions()).toMatchObject({ [protocol]: 'requesting' });
  });

  test('of each protocol is made by itself', () => {
    const run = runPortMapperToServing(protocol, other);
    run.gateway.report(mapFailed(other));
    run.gateway.report(mapDone(protocol));
    expect(run.regions()).toMatchObject({ [protocol]: 'mapped', [other]: 'unmapped' });
    run.clock.advance(REFRESH_MS);
    run.gateway.report(mapFailed(other));
    expect(run.regions()).toMatchObject({ [protocol]: 'refreshing', [other]: 'unmapped' });
    run.gateway.report(mapFailed(protocol));
    expect(run.regions()).toMatchObject({ [protocol]: 'retrying', [other]: 'unmapped' });
  });

  test('that is refused is asked for again 5 min later', () => {
    const run = runPortMapperToServing(protocol);
    run.gateway.report(mapFailed(protocol, 'no room'));
    expect(run.regions()).toMatchObject({ [protocol]: 'unmapped' });
    expect(run.actor.getSnapshot().context.fault).toBe('no room');
    run.clock.advance(RETRY_MS - 1);
    expect(run.regions()).toMatchObject({ [protocol]: 'unmapped' });
    run.clock.advance(1);
    expect(run.regions()).toMatchObject({ [protocol]: 'requesting' });
  });

  test('that is refused is asked for at once when the address changes', () => {
    const run = runPortMapperToServing(protocol);
    run.gateway.report(mapFailed(protocol));
    run.answerAddress(addressFound('198.51.100.8'));
    run.clock.advance(ADDRESS_POLL_MS);
    expect(run.regions()).toMatchObject({ [protocol]: 'requesting' });
  });

  test('that is not answered counts as refused after 60 s', () => {
    const run = runPortMapperToServing(protocol);
    run.clock.advance(CALL_TIMEOUT_MS - 1);
    expect(run.regions()).toMatchObject({ [protocol]: 'requesting' });
    run.clock.advance(1);
    expect(run.regions()).toMatchObject({ [protocol]: 'unmapped' });
    run.gateway.report(mapDone(protocol)); // late, and true all the same
    expect(run.regions()).toMatchObject({ [protocol]: 'mapped' });
  });

  test.for([
    ['is refused', () => mapFailed(protocol)],
    ['is not answered', () => null],
  ] satisfies [string, () => GatewayEvent | null][])(
    'whose renewal %s stays five times, and is deleted the sixth time',
    ([, answer]) => {
      const run = runPortMapperToMapped(protocol);
      for (let time = 1; time <= MAX_FAILURES; time += 1) {
        run.clock.advance(time === 1 ? REFRESH_MS : RETRY_MS);
        fail(run, answer());
        expect(run.regions()).toMatchObject({ [protocol]: 'retrying' });
      }
      run.clock.advance(RETRY_MS);
      run.commands();
      fail(run, answer());
      expect(run.regions()).toMatchObject({ [protocol]: 'deleting' });
      expect(run.commands()).toContainEqual(deleted(protocol));
      expect(run.reports.at(-1)).toEqual({ type: 'port.mapped', protocol, port: null });
      run.gateway.report({ type: 'unmap.ended', protocol });
      expect(run.regions()).toMatchObject({ [protocol]: 'unmapped' });
      run.clock.advance(RETRY_MS);
      expect(run.gateway.commands).toContainEqual(wished(protocol, null));
    },
  );

  test('that is renewed in between is counted from zero', () => {
    const run = runPortMapperToMapped(protocol);
    for (let time = 0; time < MAX_FAILURES; time += 1) failOnce(run, protocol);
    run.clock.advance(RETRY_MS);
    run.gateway.report(mapDone(protocol));
    for (let time = 0; time < MAX_FAILURES; time += 1) failOnce(run, protocol);
    expect(run.regions()).toMatchObject({ [protocol]: 'retrying' });
  });

  test('that is retried is renewed at once when the address changes', () => {
    const run = runPortMapperToMapped(protocol);
    failOnce(run, protocol);
    run.answerAddress(addressFound('198.51.100.8'));
    run.clock.advance(ADDRESS_POLL_MS);
    expect(run.regions()).toMatchObject({ [protocol]: 'refreshing' });
  });

  test('whose deletion is not answered is forgotten after 60 s', () => {
    const run = runPortMapperToMapped(protocol);
    for (let time = 0; time <= MAX_FAILURES; time += 1) failOnce(run, protocol);
    run.gateway.report({ type: 'unmap.ended', protocol: other });
    run.gateway.report(mapDone(protocol)); // of a call before the deletion
    run.clock.advance(CALL_TIMEOUT_MS - 1);
    expect(run.regions()).toMatchObject({ [protocol]: 'deleting' });
    run.clock.advance(1);
    expect(run.regions()).toMatchObject({ [protocol]: 'unmapped' });
  });

  test.for([
    ['map.notSupported', 'notSupported'],
    ['map.loopback', 'loopback'],
  ] as const)('that the gateway cannot make by %s is not asked for again', ([type, state]) => {
    const run = runPortMapperToServing(protocol, other);
    run.gateway.report({ type, protocol });
    expect(run.regions()).toMatchObject({ [protocol]: state, [other]: 'requesting' });
    run.answerAddress(addressFound('198.51.100.8'));
    run.clock.advance(ADDRESS_POLL_MS);
    expect(run.regions()).toMatchObject({ [protocol]: state });
    run.send(bound(protocol));
    expect(run.regions()).toMatchObject({ [protocol]: 'requesting' });
  });

  test('of a port that is bound again is renewed at once', () => {
    const run = runPortMapperToMapped(protocol);
    run.commands();
    run.send(bound(protocol));
    expect(run.commands()).toEqual([wished(protocol, 30_303)]);
    run.send(bound(protocol)); // also while it is requested
    expect(run.commands()).toEqual([wished(protocol, 30_303)]);
  });

  test('to another port of ours is made after the deletion of the earlier one', () => {
    const run = runPortMapperToMapped(protocol);
    run.commands();
    run.send(bound(protocol, 30_404));
    expect(run.commands()).toEqual([deleted(protocol), wished(protocol, 30_303, 30_404)]);
    run.gateway.report({ type: 'unmap.ended', protocol });
    run.gateway.report(mapDone(protocol, 30_303, 30_303)); // of the earlier port
    expect(run.regions()).toMatchObject({ [protocol]: 'requesting' });
    run.gateway.report(mapDone(protocol, 30_303, 30_404));
    expect(run.regions()).toMatchObject({ [protocol]: 'mapped' });
  });
});

type Mapper = ReturnType<typeof runPortMapper>;

function fail(run: Mapper, answer: GatewayEvent | null): void {
  if (answer) run.gateway.report(answer);
  else run.clock.advance(CALL_TIMEOUT_MS);
}

/** The next renewal is refused. */
function failOnce(run: Mapper, protocol: MappedProtocol): void {
  run.clock.advance(run.regions()[protocol] === 'mapped' ? REFRESH_MS : RETRY_MS);
  expect(run.regions()).toMatchObject({ [protocol]: 'refreshing' });
  run.gateway.report(mapFailed(protocol));
}
