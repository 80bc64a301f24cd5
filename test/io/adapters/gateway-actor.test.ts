import { describe, expect, test } from 'vitest';
import type { NonReducibleUnknown } from 'xstate';
import { CALL_LIMIT_MS, gatewayActor } from '../../../src/io/adapters/gateway-actor.ts';
import type { GatewayCommand, GatewayEvent } from '../../../src/io/adapters/gateway-commands.ts';
import type { Gateway } from '../../../src/io/nat/gateway.ts';
import { CALL_TIMEOUT_MS, SEARCH_TIMEOUT_MS } from '../../../src/machines/discovery/port-mapper.ts';
import { runAdapter } from '../../support/reports.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

const OF = { protocol: 'tcp', port: 30_303 } as const;
const MAP: GatewayCommand = {
  ...{ type: 'map', ...OF, host: '0.0.0.0', externalPort: null },
  lifetimeMs: 600_000,
};
const UNMAP: GatewayCommand = { type: 'unmap', ...OF, externalPort: 30_303 };

const ROUTER: Gateway = {
  ...{ name: 'router', host: '192.168.1.1', mapsPorts: true },
  externalHost: async () => '93.184.216.34',
  map: async () => 40_404,
  unmap: async () => {},
};

function run(router: Partial<Gateway> = {}, find = async () => ({ ...ROUTER, ...router })) {
  const clock = new StepClock();
  const adapter = runAdapter<GatewayEvent, GatewayCommand, NonReducibleUnknown>(
    gatewayActor(find, clock),
    null,
  );
  return { ...adapter, clock };
}

/** What the last of these commands is answered with, after the search. */
async function answerTo(router: Partial<Gateway>, ...commands: readonly GatewayCommand[]) {
  const { send, reports, clock } = run(router);
  for (const command of [{ type: 'search' } as const, ...commands]) send(command);
  await turns();
  expect(clock.pending).toBe(0);
  return reports.all.at(-1);
}

test('each call has its answer, in order', async () => {
  const { send, reports } = run();
  for (const command of [{ type: 'search' }, { type: 'askAddress' }, MAP, UNMAP] as const)
    send(command);
  await turns();
  expect(reports.all).toEqual([
    { type: 'gateway.found', name: 'router', host: '192.168.1.1' },
    { type: 'address.found', hosts: { ipv4: '93.184.216.34', ipv6: null } },
    { type: 'map.done', ...OF, externalPort: 40_404 },
    { type: 'unmap.ended', protocol: 'tcp' },
  ]);
});

test('each call that fails says why', async () => {
  const no = (why: unknown) => () => Promise.reject(why);
  expect(await answerTo({ externalHost: no(new Error('why')) }, { type: 'askAddress' })).toEqual({
    type: 'address.failed',
    message: 'why',
  });
  expect(await answerTo({ map: no('oops') }, MAP)).toEqual({
    ...{ type: 'map.failed', protocol: 'tcp', message: 'oops' },
  });
  expect(await answerTo({ unmap: no(new Error('why')) }, UNMAP)).toEqual({
    ...{ type: 'unmap.ended', protocol: 'tcp' },
  });
  expect(await answerTo({ map: no(new Error('x'.repeat(1_000))) }, MAP)).toMatchObject({
    message: 'x'.repeat(200),
  });
  const throwing = () => {
    throw new Error('at once');
  };
  expect(await answerTo({ map: throwing }, MAP)).toMatchObject({ message: 'at once' });
});

test('a search that fails says why, and no call is made after it', async () => {
  const { send, reports } = run({}, () => Promise.reject(new Error('silence')));
  send({ type: 'search' });
  send({ type: 'askAddress' });
  await turns();
  expect(reports.all).toEqual([
    { type: 'gateway.notFound', message: 'silence' },
    { type: 'address.failed', message: 'no gateway is found' },
  ]);
});

describe('an external address', () => {
  test.for([
    '10.0.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '127.0.0.1',
    '0.0.0.0',
    '169.254.1.1',
    'fd00::1',
    'router',
  ])('%s is not public', async (host) => {
    expect(await answerTo({ externalHost: async () => host }, { type: 'askAddress' })).toEqual({
      type: 'address.notPublic',
      host,
    });
  });

  test.for([
    ['2606:2800:220:1::1', { ipv4: null, ipv6: '2606:2800:220:1::1' }],
    ['::ffff:93.184.216.34', { ipv4: '93.184.216.34', ipv6: null }],
  ] as const)('%s is one of its family', async ([host, hosts]) => {
    expect(await answerTo({ externalHost: async () => host }, { type: 'askAddress' })).toEqual({
      type: 'address.found',
      hosts,
    });
  });
});

describe('a port', () => {
  test('is not mapped by a mechanism that maps none', async () => {
    expect(await answerTo({ mapsPorts: false }, MAP)).toEqual({
      ...{ type: 'map.notSupported', protocol: 'tcp' },
    });
  });

  test('that is bound to a loopback address is mapped by a gateway at such an address only', async () => {
    const map = { ...MAP, host: '127.0.0.1' };
    expect(await answerTo({}, map)).toEqual({ type: 'map.loopback', protocol: 'tcp' });
    expect(await answerTo({ host: '127.0.0.1' }, map)).toMatchObject({ type: 'map.done' });
    expect(await answerTo({ host: null }, map)).toEqual({ type: 'map.loopback', protocol: 'tcp' });
  });
});

test('a call without an answer is given up after 10 s, and the next one is made', async () => {
  const signals: AbortSignal[] = [];
  const { send, reports, clock } = run({
    map: (_, signal) => {
      signals.push(signal);
      return new Promise(() => {});
    },
  });
  for (const command of [{ type: 'search' }, MAP, { type: 'askAddress' }] as const) send(command);
  await turns();
  clock.advance(CALL_LIMIT_MS - 1);
  await turns();
  expect(reports.types).toEqual(['gateway.found']);
  clock.advance(1);
  await turns();
  expect(reports.all.slice(1)).toEqual([
    { type: 'map.failed', protocol: 'tcp', message: 'no answer within 10 s' },
    { type: 'address.found', hosts: { ipv4: '93.184.216.34', ipv6: null } },
  ]);
  expect(signals[0]!.aborted).toBe(true);
});

test('the limits of the chart are behind those of five calls', () => {
  expect(CALL_TIMEOUT_MS).toBeGreaterThan(5 * CALL_LIMIT_MS);
  expect(SEARCH_TIMEOUT_MS).toBeGreaterThan(CALL_LIMIT_MS);
});

test('after abort, calls before it are not answered, and the next one is made at once', async () => {
  const { send, reports, clock } = run({ map: () => new Promise(() => {}) });
  send({ type: 'search' });
  await turns();
  for (const command of [MAP, { type: 'askAddress' }, { type: 'abort' }, UNMAP] as const)
    send(command);
  await turns();
  expect(reports.types).toEqual(['gateway.found', 'unmap.ended']);
  expect(clock.pending).toBe(0);
  send(MAP);
  await turns();
  send({ type: 'abort' });
  await turns();
  expect([reports.types.length, clock.pending]).toEqual([2, 0]);
});

test('when it is stopped, nothing of it is left', async () => {
  const { send, stop, reports, clock } = run({ map: () => new Promise(() => {}) });
  send({ type: 'search' });
  send(MAP);
  await turns();
  stop();
  await turns();
  expect([reports.types, clock.pending]).toEqual([['gateway.found'], 0]);
});
