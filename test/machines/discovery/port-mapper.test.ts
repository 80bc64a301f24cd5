import { describe, expect, test } from 'vitest';
import type { GatewayEvent } from '../../../src/io/adapters/gateway-commands.ts';
import type { MappedProtocol } from '../../../src/io/nat/gateway.ts';
import {
  ADDRESS_POLL_MS,
  CALL_TIMEOUT_MS,
  MAPPING_LIFETIME_MS,
  MAX_ADDRESS_FAILURES,
  PROTOCOLS,
  SEARCH_PAUSE_MS,
  SEARCH_TIMEOUT_MS,
  UNMAP_TIMEOUT_MS,
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
    run.clock.advance(UNMAP_TIMEOUT_MS - 1);
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
