import { describe, expect, test } from 'vitest';
import type { GatewayEvent } from '../../../src/io/adapters/gateway-commands.ts';
import type { MappedProtocol } from '../../../src/io/nat/gateway.ts';
import {
  ADDRESS_POLL_MS,
  CALL_TIMEOUT_MS,
  CLOSE_TIMEOUT_MS,
  MAPPING_LIFETIME_MS,
  MAX_ADDRESS_FAILURES,
  MAX_FAILURES,
  PROTOCOLS,
  REFRESH_MS,
  RETRY_MS,
  SEARCH_PAUSE_MS,
  SEARCH_TIMEOUT_MS,
} from '../../../src/machines/discovery/port-mapper.ts';
import {
  addressFound,
  bound,
  FOUND,
  mapDone,
  mapFailed,
  OUTSIDE_HOST,
  runPortMapper,
  runPortMapperToMapped,
  runPortMapperToServing,
} from '../../support/port-mapper-run.ts';

const NONE = { ipv4: null, ipv6: null };
const FAILED: GatewayEvent = { type: 'address.failed', message: 'no' };
const wished = (protocol: MappedProtocol, externalPort: number | null, port = 30_303) => ({
  ...{ type: 'map', protocol, host: '0.0.0.0', port, externalPort },
  lifetimeMs: MAPPING_LIFETIME_MS,
});
const deleted = (protocol: MappedProtocol) => ({
  ...{ type: 'unmap', protocol, port: 30_303, externalPort: 30_303 },
});

/** What may come when nothing of it is waited for any more. */
const LATE: readonly GatewayEvent[] = [
  FOUND,
  { type: 'gateway.notFound', message: 'no' },
  { type: 'address.notPublic', host: '10.0.0.2' },
  FAILED,
  addressFound(),
  { type: 'map.notSupported', protocol: 'tcp' },
  { type: 'map.loopback', protocol: 'tcp' },
  mapFailed('tcp'),
  mapDone('tcp'),
  { type: 'unmap.ended', protocol: 'tcp' },
];

describe('the gateway', () => {
  test('is looked for first, and then asked for its address and our ports', () => {
    const run = runPortMapper();
    run.send(bound('tcp'), bound('udp'));
    expect([run.state(), run.commands()]).toEqual(['searching', [{ type: 'search' }]]);
    run.gateway.report(FOUND);
    expect(run.regions()).toEqual({ address: 'asking', tcp: 'requesting', udp: 'requesting' });
    expect(run.commands()).toEqual([
      { type: 'askAddress' },
      wished('tcp', null),
      wished('udp', null),
    ]);
    expect(run.actor.getSnapshot().context.gateway).toEqual({
      name: 'UPnP (IGDv1)',
      host: '192.168.1.1',
    });
  });

  test('that is not found is looked for again 5 min later, and the reason is reported once for each search', () => {
    const run = runPortMapper();
    run.gateway.report({ type: 'gateway.notFound', message: 'silence' });
    expect(run.state()).toBe('noGateway');
    expect(run.reports).toEqual([{ type: 'gateway.faulted', message: 'silence' }]);
    expect(run.actor.getSnapshot().context.fault).toBe('silence');
    run.clock.advance(SEARCH_PAUSE_MS - 1);
    expect(run.state()).toBe('noGateway');
    run.clock.advance(1);
    expect(run.state()).toBe('searching');
    run.gateway.report(FOUND);
    expect(run.actor.getSnapshot().context.fault).toBe('');
  });

  test('that a silent search does not find is waited for 15 s', () => {
    const run = runPortMapper();
    run.clock.advance(SEARCH_TIMEOUT_MS - 1);
    expect(run.state()).toBe('searching');
    run.clock.advance(1);
    expect(run.state()).toBe('noGateway');
    expect(run.reports).toEqual([
      { type: 'gateway.faulted', message: 'the gateway did not answer in time' },
    ]);
    for (const late of LATE) run.gateway.report(late);
    expect(run.state()).toBe('noGateway');
  });

  test('is looked for again after six questions without an address, and its ports leave the record', () => {
    const run = runPortMapperToMapped('tcp');
    for (let time = 0; time <= MAX_ADDRESS_FAILURES; time += 1) {
      expect(run.regions()).not.toEqual({});
      run.answerAddress(FAILED);
      run.clock.advance(ADDRESS_POLL_MS);
    }
    expect([run.state(), run.reports.slice(2)]).toEqual([
      'searching',
      [
        { type: 'external.changed', hosts: NONE },
        { type: 'port.mapped', protocol: 'tcp', port: null },
      ],
    ]);
    expect(run.commands().slice(-2)).toEqual([{ type: 'abort' }, { type: 'search' }]);
    run.gateway.report(FOUND);
    expect(run.commands()).toEqual([{ type: 'askAddress' }, wished('tcp', 30_303)]);
  });

  test('is not looked for again when it gave an address in between', () => {
    const run = runPortMapperToServing();
    for (let time = 0; time < 2 * MAX_ADDRESS_FAILURES; time += 1) {
      run.answerAddress(time === MAX_ADDRESS_FAILURES ? addressFound() : FAILED);
      run.clock.advance(ADDRESS_POLL_MS);
    }
    expect(run.regions()).toMatchObject({ address: 'unknown' });
  });

  test('that is lost has nothing to withdraw when it gave nothing', () => {
    const run = runPortMapper();
    run.gateway.report(FOUND);
    for (let time = 0; time <= MAX_ADDRESS_FAILURES; time += 1) {
      run.gateway.report(FAILED);
      run.clock.advance(ADDRESS_POLL_MS);
    }
    expect(run.reports.filter(({ type }) => type !== 'gateway.faulted')).toEqual([]);
  });
});

describe('the external address', () => {
  test('is asked for every 2 min, and reported when it changes', () => {
    const run = runPortMapperToServing();
    expect(run.reports).toEqual([{ type: 'external.changed', hosts: addressFound().hosts }]);
    run.clock.advance(ADDRESS_POLL_MS - 1);
    expect(run.commands()).toEqual([]);
    run.clock.advance(1);
    expect(run.commands()).toEqual([{ type: 'askAddress' }]);
    run.gateway.report(addressFound());
    expect(run.reports).toHaveLength(1);
    run.answerAddress(addressFound('198.51.100.8'));
    run.clock.advance(ADDRESS_POLL_MS);
    expect(run.reports.at(-1)).toEqual({
      type: 'external.changed',
      hosts: { ipv4: '198.51.100.8', ipv6: null },
    });
  });

  test('of one family is withdrawn when the gateway has only the other one', () => {
    const run = runPortMapperToServing();
    run.answerAddress(addressFound(null, '2001:db8::7'));
    run.clock.advance(ADDRESS_POLL_MS);
    expect(run.reports.at(-1)).toEqual({
      type: 'external.changed',
      hosts: { ipv4: null, ipv6: '2001:db8::7' },
    });
  });

  test.for([
    ['fails', FAILED, 'unknown'],
    ['is private', { type: 'address.notPublic', host: '10.0.0.2' }, 'notPublic'],
  ] as const)('is withdrawn when the answer %s, and asked for again', ([, answer, state]) => {
    const run = runPortMapperToServing();
    run.answerAddress(answer);
    run.clock.advance(ADDRESS_POLL_MS);
    expect(run.regions()).toMatchObject({ address: state });
    expect(run.reports.at(-1)).toEqual({ type: 'external.changed', hosts: NONE });
    run.answerAddress(addressFound());
    run.clock.advance(ADDRESS_POLL_MS);
    expect(run.regions()).toMatchObject({ address: 'known' });
    expect(run.reports.at(-1)).toMatchObject({ hosts: { ipv4: OUTSIDE_HOST } });
  });

  test('is waited for 60 s', () => {
    const run = runPortMapperToServing();
    run.answerAddress(null);
    run.clock.advance(ADDRESS_POLL_MS + CALL_TIMEOUT_MS - 1);
    expect(run.regions()).toMatchObject({ address: 'asking' });
    run.clock.advance(1);
    expect(run.regions()).toMatchObject({ address: 'unknown' });
    expect(run.reports.at(-1)).toEqual({ type: 'external.changed', hosts: NONE });
    expect(run.actor.getSnapshot().context.fault).toBe('the gateway did not answer in time');
    run.gateway.report(addressFound()); // too late
    expect(run.regions()).toMatchObject({ address: 'unknown' });
  });

  test('that changes makes every mapping due', () => {
    const run = runPortMapperToMapped('tcp', 'udp');
    run.answerAddress(addressFound('198.51.100.8'));
    run.commands();
    run.clock.advance(ADDRESS_POLL_MS);
    expect(run.regions()).toMatchObject({ tcp: 'refreshing', udp: 'refreshing' });
    expect(run.commands().map(({ type }) => type)).toEqual(['askAddress', 'map', 'map']);
  });

  test('that stays unknown makes no mapping due', () => {
    const run = runPortMapperToMapped('tcp');
    run.answerAddress(FAILED);
    run.clock.advance(ADDRESS_POLL_MS);
    run.gateway.report(mapDone('tcp'));
    run.answerAddress(FAILED);
    run.commands();
    run.clock.advance(ADDRESS_POLL_MS);
    expect([run.regions(), run.commands()]).toEqual([
      { address: 'unknown', tcp: 'mapped', udp: 'unbound' },
      [{ type: 'askAddress' }],
    ]);
  });
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

describe('closing', () => {
  test('deletes every mapping and waits for that', () => {
    const run = runPortMapperToMapped('tcp', 'udp');
    run.commands();
    run.send({ type: 'close' }, { type: 'close' });
    expect(run.commands()).toEqual([{ type: 'abort' }, deleted('tcp'), deleted('udp')]);
    run.gateway.report({ type: 'unmap.ended', protocol: 'udp' });
    expect(run.regions()).toEqual({ tcp: 'deleting', udp: 'deleted' });
    run.gateway.report({ type: 'unmap.ended', protocol: 'tcp' });
    expect([run.state(), run.gateway.live, run.clock.pending]).toEqual(['closed', 0, 0]);
  });

  test.for(PROTOCOLS)('waits for a mapping over %s, and for no other one', (protocol) => {
    const run = runPortMapperToMapped(protocol);
    run.send({ type: 'close' });
    const other = protocol === 'tcp' ? 'udp' : 'tcp';
    run.gateway.report({ type: 'unmap.ended', protocol: other });
    expect(run.regions()).toEqual({ [protocol]: 'deleting', [other]: 'deleted' });
    run.gateway.report({ type: 'unmap.ended', protocol });
    expect(run.state()).toBe('closed');
  });

  test('waits for it for less than 2 s', () => {
    const run = runPortMapperToMapped('tcp');
    run.send({ type: 'close' });
    run.clock.advance(CLOSE_TIMEOUT_MS - 1);
    expect(run.isOver()).toBe(false);
    run.clock.advance(1);
    expect(run.isOver()).toBe(true);
  });

  test('is immediate when nothing is mapped', () => {
    const run = runPortMapperToServing('tcp');
    run.send({ type: 'close' });
    expect(run.state()).toBe('closed');
  });

  test.for(['searching', 'noGateway'])('is immediate while it is %s', (state) => {
    const run = runPortMapper();
    if (state === 'noGateway') run.gateway.report({ type: 'gateway.notFound', message: 'no' });
    expect(run.state()).toBe(state);
    run.send({ type: 'close' });
    expect([run.state(), run.reports.some(({ type }) => type === 'port.mapped')]).toEqual([
      'closed',
      false,
    ]);
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
