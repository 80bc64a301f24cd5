/** What a server writes to its logger, and how little of it others can cause. */
import type { Level } from 'pino';
import { describe, expect, test } from 'vitest';
import type { EndedConnection, FailedDial } from '../../src/api/endings.ts';
import { EventFeed } from '../../src/api/event-feed.ts';
import type { Peer } from '../../src/api/peer.ts';
import type { ServerEvents } from '../../src/api/server-events.ts';
import { explainHeldBack } from '../../src/explain/held-back.ts';
import type { Facts } from '../../src/machines/reason-states.ts';
import type { ServerEmitted } from '../../src/machines/server/server-events.ts';
import { LINES_PER_SECOND, SUPPRESSED_REPORT_MS } from '../../src/telemetry/log-rate-limit.ts';
import { type LogSources, ServerLog } from '../../src/telemetry/server-log.ts';
import { explained, NO_EFFORT } from '../support/explained.ts';
import { recorder } from '../support/log-recorder.ts';
import { StepClock } from '../support/step-clock.ts';

function setUp(
  level: Level = 'debug',
  ownEnodes: readonly string[] = [],
  missingPrimitives: readonly string[] = [],
) {
  const { lines, logger, messages } = recorder(level);
  const clock = new StepClock();
  const log = new ServerLog(logger, clock);
  const feed = new EventFeed<ServerEvents>((error) => log.fault(error, 'a listener'));
  const listeners = new Map<string, (event: never) => void>();
  const actor = {
    on: (type: string, listener: (event: never) => void) => void listeners.set(type, listener),
  } as unknown as LogSources['actor'];
  log.follow({ actor, feed, id: 'us', peerCount: () => 7, ownEnodes, missingPrimitives });
  const emit = (event: ServerEmitted): void => listeners.get(event.type)?.(event as never);
  return { clock, emit, feed, lines, log, logger, messages };
}

const peerOf = (facts: Partial<Peer> = {}): Peer => ({
  id: 'ab'.repeat(32),
  publicKey: '',
  client: 'Geth/v1.17.6',
  capabilities: [],
  protocols: [],
  direction: 'inbound',
  trusted: false,
  remote: { host: '192.0.2.1', port: 30303 },
  local: { host: '192.0.2.2', port: 30303 },
  disconnect: () => {},
  ...facts,
});

const endedFrom = (host: string, facts: EndedConnection['facts'] = {}) =>
  explained({
    type: 'ended' as const,
    connectionId: '1',
    outcome: 'rejected' as const,
    direction: 'inbound' as const,
    remote: { host, port: 1 },
    state: 'rejected.tooManyPeers',
    facts,
    identity: { id: 'cd' },
    trail: [],
    trailMs: [],
    ...NO_EFFORT,
  });

const gone = (peer: Peer, facts: Facts = {}) =>
  explained({
    type: 'drop',
    peer,
    connectionId: '1',
    outcome: 'refused',
    state: 'ending.refused.requested',
    facts,
    abandoned: [],
    ...NO_EFFORT,
  });

const failedDial = (state: FailedDial['state'], detail = '', port = 2) =>
  explained({
    type: 'dialFailed',
    target: { id: 'ef', publicKey: '', host: 'h', hostKind: 'name', tcpPort: 1 },
    address: { host: '192.0.2.3', port },
    state,
    detail,
  });

const INFO = 30;
const DEBUG = 20;
const ERROR = 50;

describe('a line', () => {
  test('says which static nodes are held back, why, what helps, and when it is over', () => {
    const { emit, feed, lines } = setUp('info');
    const nodes = ['a', 'b'].map(
      (id) => ({ id, publicKey: '', host: '192.0.2.1', hostKind: 'ipv4', tcpPort: 1 }) as const,
    );
    const explanation = explainHeldBack({ nodes: 2, dialled: 1, maxDialed: 1 });
    feed.emit({ type: 'heldBack', nodes, dialled: 1, maxDialed: 1, explanation });
    emit({ type: 'static.released' });
    expect(lines).toEqual([
      {
        ...{ level: INFO, msg: 'static nodes held back', ids: ['a', 'b'], nodes: 2 },
        ...{ dialled: 1, maxDialed: 1, why: explanation.verdict, remedy: explanation.remedy },
      },
      { level: INFO, msg: 'static nodes are dialled again' },
    ]);
  });

  test('says at the start what would be faster and cannot be used', () => {
    const { emit, lines } = setUp('info', [], ['the native package secp256k1 is not used: gone']);
    emit({ type: 'started', address: null });
    expect(lines.slice(1)).toEqual([
      {
        level: INFO,
        msg: 'slower cryptography',
        missing: 'the native package secp256k1 is not used: gone',
      },
    ]);
  });

  test('says where our own enode was left out of a list of nodes', () => {
    const { emit, lines } = setUp('info', ['staticNodes[1]']);
    emit({ type: 'started', address: null });
    expect(lines).toEqual([
      { level: INFO, msg: 'started', address: null, id: 'us' },
      { level: INFO, msg: 'our own enode is left out', options: ['staticNodes[1]'] },
    ]);
  });

  test('tells of a peer what go-ethereum tells', () => {
    const { feed, lines, clock } = setUp();
    const peer = peerOf({ direction: 'dynamic', trusted: true });
    feed.emit({ type: 'add', peer });
    clock.advance(1_500.4);
    feed.emit(gone(peer, { code: 0 }));

    const facts = {
      id: peer.id,
      conn: 'trusted-dyndial',
      addr: '192.0.2.1:30303',
      name: 'Geth/v1.17.6',
      peers: 7,
    };
    expect(lines).toEqual([
      { level: INFO, msg: 'peer added', ...facts },
      {
        ...{ level: INFO, msg: 'peer dropped', ...facts },
        ...{
          duration: 1_500,
          outcome: 'refused',
          state: 'ending.refused.requested',
          facts: { code: 0 },
        },
        why: 'They asked to disconnect: often deliberate churn.',
      },
    ]);
  });

  test.for([
    ['inbound', 'inbound'],
    ['static', 'staticdial'],
    ['dynamic', 'dyndial'],
  ] as const)('calls %s connections %s', ([direction, conn]) => {
    const { feed, lines } = setUp();
    feed.emit({ type: 'add', peer: peerOf({ direction }) });
    expect(lines[0]).toMatchObject({ conn });
  });

  test('tells why a connection did not become a peer, and whose dial came to nothing', () => {
    const { feed, lines } = setUp();
    feed.emit(endedFrom('2001:db8::1', { peers: 50 }));
    feed.emit(failedDial('connectionRefused', 'ECONNREFUSED'));
    feed.emit({
      type: 'turnedAway',
      counts: { netRestrict: 0, throttled: 3, sourceBusy: 0, noSlot: 0, notAccepting: 0 },
      latest: { remote: { host: '192.0.2.4', port: 3 }, why: 'throttled' },
    });
    expect(lines).toEqual([
      {
        ...{ level: DEBUG, msg: 'connection ended', id: 'cd', addr: '[2001:db8::1]:1' },
        ...{ conn: 'inbound', state: 'rejected.tooManyPeers', facts: { peers: 50 } },
        why: 'Every slot for a peer of this kind is taken.',
      },
      {
        ...{ level: DEBUG, msg: 'dial failed', id: 'ef', addr: '192.0.2.3:2' },
        ...{ state: 'connectionRefused', detail: 'ECONNREFUSED' },
        why: 'Nothing listens at that address and port.',
      },
      {
        ...{ level: DEBUG, msg: 'turned away', addr: '192.0.2.4:3', why: 'throttled' },
        counts: { netRestrict: 0, throttled: 3, sourceBusy: 0, noSlot: 0, notAccepting: 0 },
      },
    ]);
  });

  test('tells what we do ourselves', () => {
    const { emit, feed, lines } = setUp();
    emit({ type: 'start.failed', step: 'listening', message: 'EADDRINUSE' });
    emit({ type: 'started', address: null });
    feed.emit({ type: 'lost', part: 'listener', message: 'EMFILE', retryInMs: 1_000 });
    feed.emit({ type: 'restored', part: 'listener', address: { host: '::', port: 1 } });
    emit({ type: 'candidates.failed', message: 'ENETDOWN' });
    emit({ type: 'stopped' });
    expect(lines).toEqual([
      { level: DEBUG, msg: 'start failed', step: 'listening', error: 'EADDRINUSE' },
      { level: INFO, msg: 'started', address: null, id: 'us' },
      { level: ERROR, msg: 'part lost', part: 'listener', error: 'EMFILE', retryInMs: 1_000 },
      { level: INFO, msg: 'part restored', part: 'listener', address: { host: '::', port: 1 } },
      { level: ERROR, msg: 'reading candidates failed', error: 'ENETDOWN' },
      { level: INFO, msg: 'stopped' },
    ]);
  });

  test('shows nothing of a stranger that a terminal might obey, and not much of it', () => {
    const { feed, lines, log } = setUp();
    const wild = `\u001b[2J\u202e\n${'x'.repeat(1_000)}`;
    const peer = peerOf({ client: wild });
    feed.emit({ type: 'add', peer });
    feed.emit(gone(peer, { error: wild }));
    feed.emit(endedFrom('192.0.2.1', { theirs: wild }));
    feed.emit(failedDial('connectFailed', wild));
    log.fault(new Error(wild), 'link');
    log.fault(wild, 'link');

    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatchObject({ name: '\\u{1b}[2J\\u{202e}…' });
    for (const line of lines) {
      const { stack, ...rest } = line;
      expect(JSON.stringify(rest).length).toBeLessThan(600);
      expect(JSON.stringify(line)).not.toMatch(/\\u001b|\u202e/);
    }
  });
});

describe('a flood', () => {
  test('from one peer is ten lines, however many are told to the feed', () => {
    const { feed, messages, clock } = setUp();
    const peer = peerOf();
    for (let times = 0; times < 20; times += 1) {
      feed.emit({ type: 'add', peer });
      feed.emit(gone(peer));
    }
    expect(messages()).toHaveLength(10);

    clock.advance(SUPPRESSED_REPORT_MS);
    feed.emit({ type: 'add', peer: peerOf({ id: 'another' }) });
    expect(messages().slice(10)).toEqual(['30 lines suppressed', 'peer added']);
  });

  test('of connections is limited by their source address, whatever id they claim', () => {
    const { feed, messages } = setUp();
    for (let caller = 0; caller < 20; caller += 1)
      feed.emit({ ...endedFrom('192.0.2.1'), identity: { id: `${caller}` } });
    feed.emit(endedFrom('192.0.2.2'));
    expect(messages()).toHaveLength(11);
  });

  test('of dials is limited by whom they were for', () => {
    const { feed, messages } = setUp();
    for (let times = 0; times < 20; times += 1) feed.emit(failedDial('connectFailed', '', times));
    expect(messages()).toHaveLength(10);
  });

  test('from everywhere is limited as a whole, and hides nothing that we do', () => {
    const { emit, feed, log, messages } = setUp();
    for (let host = 0; host < 500; host += 1) feed.emit(endedFrom(`2001:db8::${host}`));
    expect(messages()).toHaveLength(LINES_PER_SECOND);
    log.fault(new Error('on purpose'), 'link');
    feed.emit({ type: 'lost', part: 'listener', message: '', retryInMs: null });
    emit({ type: 'stopped' });
    expect(messages().slice(LINES_PER_SECOND)).toEqual([
      'internal error',
      'part lost',
      '400 lines suppressed',
      'stopped',
    ]);
  });

  test('below the log level does not use up the lines of others', () => {
    const { emit, feed, messages } = setUp('info');
    for (let host = 0; host < 500; host += 1) feed.emit(endedFrom(`2001:db8::${host}`));
    feed.emit({ type: 'add', peer: peerOf() });
    emit({ type: 'stopped' });
    expect(messages()).toEqual(['peer added', 'stopped']);
  });

  test('of mistakes of ours is limited at each place, and told as an error', () => {
    const { clock, lines, log, messages } = setUp('error');
    for (let times = 0; times < 20; times += 1)
      log.fault(new Error('on purpose'), 'link 192.0.2.1');
    expect(messages()).toHaveLength(10);
    clock.advance(SUPPRESSED_REPORT_MS);
    log.fault('text', 'the inspector');
    expect(lines.slice(10)).toEqual([
      { level: ERROR, msg: '10 internal errors suppressed' },
      { level: ERROR, msg: 'internal error', where: 'the inspector', error: 'text' },
    ]);
  });

  test('of mistakes before anybody listens does not use up the lines of those after', () => {
    const { lines, log, logger } = setUp('silent' as Level);
    for (let times = 0; times < 20; times += 1) log.fault(new Error('on purpose'), 'link');
    logger.level = 'error';
    log.fault(new Error('on purpose'), 'link');
    expect(lines).toHaveLength(1);
  });
});

test('a mistake is told with its place and its stack', () => {
  const { lines, log } = setUp();
  log.fault(new TypeError('on purpose'), 'link');
  expect(lines).toMatchObject([
    {
      ...{ level: ERROR, msg: 'internal error', where: 'link', error: 'on purpose' },
      stack: expect.stringMatching(/^TypeError: on purpose\n {4}at .*server-log\.test\.ts/),
    },
  ]);
});

test('a mistake that quotes much has a short stack', () => {
  const { lines, log } = setUp();
  log.fault(new Error('quoted\n'.repeat(1_000)), 'link');
  expect(lines).toMatchObject([{ stack: expect.stringMatching(/^(?:[^\n]*\n){10}[^\n]*$/) }]);
});
