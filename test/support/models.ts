/**
 * What each machine can begin with and be told, for tests that go everywhere a machine can get to.
 * Longer than 400 lines: it is one table of samples.
 */

import { type AnyStateMachine, createActor, type EventFrom, fromCallback } from 'xstate';
import type { CheckpointReplyRef } from '../../src/machines/connection/connection.ts';
import {
  FAILURES,
  REFUSALS,
  REJECTIONS,
} from '../../src/machines/connection/connection-endings.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import { CRAWL_OUTCOMES, crawlMachine } from '../../src/machines/crawl/crawl.ts';
import { DIAL_FAILURES } from '../../src/machines/dialing/dial-failures.ts';
import type { DialState } from '../../src/machines/dialing/dial-generator.ts';
import {
  type DialSchedulerInput,
  dialSchedulerMachine,
  MAX_STATIC_NODES,
} from '../../src/machines/dialing/dial-scheduler.ts';
import { dialTaskMachine } from '../../src/machines/dialing/dial-task.ts';
import { bootnodeNameMachine } from '../../src/machines/discovery/bootnode-name.ts';
import {
  discv5SessionMachine,
  SESSION_ENDINGS,
} from '../../src/machines/discovery/discv5-session.ts';
import { dnsTreeMachine, MAX_ENTRY_FAILURES } from '../../src/machines/discovery/dns-tree.ts';
import {
  endpointProofMachine,
  PROOF_FAILURES,
} from '../../src/machines/discovery/endpoint-proof.ts';
import { localNodeMachine } from '../../src/machines/discovery/local-node.ts';
import { LOOKUP_OUTCOMES, lookupMachine } from '../../src/machines/discovery/lookup.ts';
import { MAX_ASKED } from '../../src/machines/discovery/lookup-search.ts';
import { PROTOCOLS, portMapperMachine } from '../../src/machines/discovery/port-mapper.ts';
import { entriesOf } from '../../src/machines/discovery/table.ts';
import { tableMaintenanceMachine } from '../../src/machines/discovery/table-maintenance.ts';
import { ETH_FAILURES, ETH_REFUSALS, ETH_REJECTIONS } from '../../src/machines/eth/eth-endings.ts';
import { ethSessionMachine } from '../../src/machines/eth/eth-session.ts';
import { listenerMachine } from '../../src/machines/listening/listener.ts';
import { nodeMachine } from '../../src/machines/node/node.ts';
import { peerMachine } from '../../src/machines/peer/peer.ts';
import {
  PEER_FAILURES,
  PEER_REFUSALS,
  PEER_REJECTIONS,
} from '../../src/machines/peer/peer-endings.ts';
import { protocolMachine } from '../../src/machines/peer/protocol.ts';
import { serverMachine } from '../../src/machines/server/server.ts';
import { LAN_CALLER } from '../../src/testing/machine/fake-adapters.ts';
import { UNUSED_LINK } from '../../src/testing/machine/setup-input.ts';
import { type Paths, type PathsOptions, pathsOf } from '../../src/testing/model/paths.ts';
import { dialInput } from './dial-input.ts';
import { dummyStream } from './dummy-stream.ts';
import { OUR_STATUS, WRONG_MESSAGES } from './eth-session-run.ts';
import { NEXT_SEQ, OUTSIDE_V6, signedRecord, stated } from './local-node-run.ts';
import { lookupInput, near, numberOf, US } from './lookup-run.ts';
import { BROKEN, SERVER_ENDED, START } from './node-run.ts';
import { PEER_LINK_EVENTS } from './peer-run.ts';
import { addressFound, bound, FOUND, mapDone, mapFailed } from './port-mapper-run.ts';
import {
  address,
  asked,
  candidate,
  discoveryAsked,
  discoveryReady,
  discoveryV5Asked,
  dropped,
  eth,
  partBroke,
  serverInput,
  target,
} from './server-run.ts';
import {
  ackReceived,
  authQueued,
  authReceived,
  helloReceived,
  runSetup,
  theirHello,
} from './setup-run.ts';
import { nodesAt } from './table-nodes.ts';
import { findings, tableInput, udpAddress } from './table-run.ts';

/** Networks that have to state an endpoint. */
const MIN_VOTES = 10;

/** By the id of the machine. A new machine needs a line here. */
export const MODELS: Record<string, () => Paths<AnyStateMachine>> = {
  'bootnode-name': () =>
    modelOf(
      bootnodeNameMachine,
      [
        { type: 'host.found', address: '192.0.2.1' },
        { type: 'host.notFound', detail: '' },
        { type: 'host.lookupFailed', detail: '' },
      ],
      {
        inputs: [{ host: 'boot.example' }],
        key: ({ value, context }) => `${value} ${Math.min(context.failures, 2)}`,
        outcomes: ['found', 'stopped'],
      },
    ),
  'connection-setup': connectionSetup,
  crawl,
  'dial-scheduler': dialScheduler,
  'dial-task': dialTask,
  'discv5-session': discv5Session,
  'dns-tree': dnsTree,
  'endpoint-proof': endpointProof,
  'eth-session': ethSession,
  listener,
  'local-node': localNode,
  lookup,
  node,
  peer,
  'port-mapper': portMapper,
  protocol: () =>
    modelOf(protocolMachine, [{ type: 'handler.failed', message: 'oops' }], {
      inputs: [{ protocol: 'eth/69', run: async () => {} }],
      outcomes: ['returned', 'failed'],
    }),
  server,
  'table-maintenance': tableMaintenance,
};

/** Typed where it is written, so that a sample that does not fit its machine does not compile. */
function modelOf<Machine extends AnyStateMachine>(
  machine: Machine,
  events: PathsOptions<Machine>['events'],
  options: Omit<PathsOptions<Machine>, 'events'>,
): Paths<AnyStateMachine> {
  return pathsOf(machine, events, options) as unknown as Paths<AnyStateMachine>;
}

const within = (group: string, reasons: object): string[] =>
  Object.keys(reasons).map((reason) => `${group}.${reason}`);

/** Also for those who walk it themselves. */
export function connectionSetupModel() {
  const runLoop = runSetup('inbound').actor;
  const remote = { host: '198.51.100.1', port: 30_303 };
  const input = { connectionId: '1', remote, link: UNUSED_LINK, runLoop, subnet: null, slot: null };
  type Event = EventFrom<typeof connectionSetupMachine>;
  const reject = within('reject', REJECTIONS).map((type) => ({ type, facts: {} }) as Event);
  const events: Event[] = [
    authQueued,
    { type: 'handshakes.full', waiting: 1 },
    authReceived,
    ackReceived,
    helloReceived,
    { type: 'hello.received', hello: { ...theirHello, publicKey: 'ef'.repeat(64) } },
    ...reject,
    { type: 'message.unexpected', code: 2 },
    ...within('', REFUSALS).map(
      (reason): Event => ({
        type: 'disconnect.received',
        reason: reason.slice(1) as keyof typeof REFUSALS,
        code: null,
      }),
    ),
    ...FAULTS.map((fault): Event => ({ type: 'link.garbled', fault, detail: '' })),
    { type: 'link.closed', how: 'closed', detail: '' },
    { type: 'link.closed', how: 'reset', detail: '' },
    { type: 'link.closed', how: 'broken', detail: '' },
    { type: 'link.stalled', unsentBytes: 9 },
    { type: 'link.faulted', message: 'oops' },
    ...within('refuse', REFUSALS).map((type) => ({ type, facts: {} }) as Event),
    ...within('fail', FAILURES).map((type) => ({ type, facts: {} }) as Event),
  ];
  return {
    events,
    options: {
      inputs: [
        { ...input, direction: 'inbound', hasDestinationKey: true },
        { ...input, direction: 'static', hasDestinationKey: true },
        { ...input, direction: 'static', hasDestinationKey: false },
      ],
      key: ({ status, value, context }) =>
        `${status} ${JSON.stringify(value)} ${context.ending.state} ${context.direction}`,
      outcomeOf: ({ output }) => output!.state,
      outcomes: [
        'admitted',
        ...within('rejected', REJECTIONS),
        ...within('refused', REFUSALS),
        ...within('failed', FAILURES),
      ],
    },
  } satisfies {
    events: Event[];
    options: Omit<PathsOptions<typeof connectionSetupMachine>, 'events'>;
  };
}

function connectionSetup() {
  const { events, options } = connectionSetupModel();
  return modelOf(connectionSetupMachine, events, options);
}

function dialScheduler() {
  const a = target('a');
  const statics = Array.from({ length: MAX_STATIC_NODES }, (_, index) => target(`s${index}`));
  const whole: Partial<DialSchedulerInput> = {
    statics: [a],
    bootnodes: [target('b')],
    hasCandidates: true,
  };
  return modelOf(
    dialSchedulerMachine,
    [
      { type: 'static.add', target: a },
      { type: 'static.remove', id: 'a' },
      { type: 'peer.added', id: 'a', direction: 'inbound' },
      { type: 'peer.removed', id: 'a' },
      { type: 'inbound.pending', id: 'a' },
      { type: 'inbound.completed', id: 'a' },
      { type: 'dial.ended', id: 'a' },
      { type: 'dial.ended', id: 'b' },
      { type: 'dial.ended', id: 'c' },
      { type: 'dial.ended', id: 'c', backOff: { because: 'connectTimeout', ms: 300_000 } },
      { type: 'peer.removed', id: 'c', state: 'ending.refused.tooManyPeers' },
      { type: 'backOff.over', id: 'c' },
      { type: 'peer.settled', id: 'a' },
      { type: 'trusted.add', id: 'c' },
      { type: 'trusted.remove', id: 'c' },
      { type: 'history.expired', id: 'a' },
      { type: 'resolve.allowed', id: 'a' },
      { type: 'statics.heldBack', targets: [a] },
      { type: 'candidate.found', target: target('c') },
      { type: 'candidate.found', target: a },
      { type: 'candidate.invalid', detail: 'no URL' },
      { type: 'candidates.failed', message: 'oops' },
    ],
    {
      inputs: [
        dialInput({ ...whole, rules: { maxDialed: 1, maxActive: 1 } }),
        dialInput({ statics, rules: { maxActive: 0 } }),
        // with one inbound place, which a peer takes; nothing is dialled
        dialInput({ rules: { churns: true, maxInbound: 1, maxActive: 0, backsOff: false } }),
      ],
      key: ({ status, value, context }) => {
        const { facts, state, statics: ids, queued, settled } = context;
        const { candidate, statics: nodes } = state as DialState;
        const { dialing, recent, peers, pendingInbound } = facts;
        // who waits for the reason of its end changes no region: told apart, it doubles the number of states
        const known = [dialing, recent, peers, pendingInbound].map((ids) => [...ids.keys()]);
        const node = nodes.get('a');
        const rest = [candidate?.id, node?.resolving, queued.length, Math.min(ids.size, 2)];
        if (context.rules.churns) rest.push(settled.size);
        // no other region depends on it: told apart everywhere, it doubles the number of states for nothing
        const isUnused = known.every(({ length }) => length === 0);
        const told = JSON.stringify([value, known, rest]);
        return `${status} ${isUnused ? told : told.replace('heldBack', 'dialable')}`;
      },
    },
  );
}

function dialTask() {
  const result = { state: 'rejected.self' } as const;
  const outside = '203.0.113.1';
  const to = (changes: object, mayResolve = false) =>
    ({
      target: { ...target('a'), ...changes },
      direction: 'static',
      mayResolve,
      isInNetRestrict: (host: string) => host !== outside,
    }) as const;
  const detail = 'why';
  return modelOf(
    dialTaskMachine,
    [
      { type: 'host.found', address: '192.0.2.1' },
      { type: 'host.found', address: outside },
      { type: 'host.found', address: outside, others: ['192.0.2.8', '::1'] },
      { type: 'host.notFound', detail },
      { type: 'host.lookupFailed', detail },
      { type: 'node.found', host: '192.0.2.1', port: 30303 },
      { type: 'node.found', host: '192.0.2.7', port: 30303 },
      { type: 'node.found', host: outside, port: 30303 },
      { type: 'socket.connected', stream: dummyStream(1) },
      { type: 'connect.refused', detail },
      { type: 'connect.unreachable', detail },
      { type: 'connect.lost', detail },
      { type: 'connect.failed', detail },
      { type: 'setup.ended', result: { ...result, outcome: 'admitted' } },
      { type: 'setup.ended', result: { ...result, outcome: 'rejected' } },
    ],
    {
      inputs: [
        to({}),
        to({}, true),
        to({ host: 'node.example', hostKind: 'name' }),
        to({ host: 'node.example', hostKind: 'name' }, true),
        to({ tcpPort: 0 }),
        to({ host: outside }),
        to({ host: '', hostKind: 'none' }),
        to({ host: '', hostKind: 'none' }, true),
      ],
      outcomeOf: ({ output }) => output!.outcome,
      outcomes: ['done', ...Object.keys(DIAL_FAILURES)],
    },
  );
}

function discv5Session() {
  const faults = [
    'recordMissing',
    'badRecord',
    'recordOfOtherNode',
    'badIdSignature',
    'invalidEphemeralKey',
    'undecryptable',
    'malformedMessage',
  ] as const;
  const place = { id: 'ab'.repeat(32), endpoint: { host: '192.0.2.1', port: 30303 } };
  const ours = { ...place, role: 'initiator', number: 1 } as const;
  return modelOf(
    discv5SessionMachine,
    [
      { type: 'whoareyou.received' },
      { type: 'handshake.sent' },
      { type: 'message.opened' },
      { type: 'request.timedOut' },
      { type: 'request.cancelled' },
      { type: 'handshake.received' },
      { type: 'handshake.valid' },
      ...faults.map((fault) => ({ type: 'handshake.invalid', fault }) as const),
      { type: 'session.unneeded' },
      { type: 'session.faulted' },
      { type: 'session.replaced' },
      { type: 'session.evicted' },
      { type: 'session.gone' },
    ],
    {
      inputs: [
        { target: ours, cause: 'request' },
        { target: ours, cause: 'challenge' },
        { target: { ...ours, role: 'recipient' }, cause: 'unreadable' },
      ],
      outcomes: Object.keys(SESSION_ENDINGS),
    },
  );
}

function ethSession() {
  const seen = { ...OUR_STATUS, forkId: 'compatible', isRangeValid: true } as const;
  type Event = EventFrom<typeof ethSessionMachine>;
  return modelOf(
    ethSessionMachine,
    [
      ...within('reject', ETH_REJECTIONS).map((type) => ({ type, facts: {} }) as Event),
      ...within('refuse', ETH_REFUSALS).map((type) => ({ type, facts: {} }) as Event),
      ...within('fail', ETH_FAILURES).map((type) => ({ type, facts: {} }) as Event),
      { type: 'status.received', ...seen },
      { type: 'status.received', ...seen, networkId: '2' },
      { type: 'status.received', ...seen, version: '68' },
      { type: 'status.received', ...seen, genesis: 'cd'.repeat(32) },
      { type: 'status.received', ...seen, forkId: 'remoteStale' },
      { type: 'status.received', ...seen, forkId: 'localIncompatible' },
      { type: 'status.received', ...seen, isRangeValid: false },
      { type: 'status.malformed', detail: '' },
      { type: 'status.missing', code: 2 },
      { type: 'message.received' },
      ...WRONG_MESSAGES.map((as) => ({ type: 'message.wrong', as, facts: {} }) as const),
      { type: 'peer.ended', outcome: 'rejected', state: 'ending.rejected.requested' },
      { type: 'peer.ended', outcome: 'refused', state: 'ending.refused.subprotocolError' },
      { type: 'peer.ended', outcome: 'failed', state: 'ending.failed.reset' },
      { type: 'handler.faulted', message: 'oops' },
    ],
    {
      inputs: [{ protocol: 'eth/69', ours: OUR_STATUS }],
      key: ({ status, value, context }) =>
        `${status} ${JSON.stringify(value)} ${context.ending.state}`,
      outcomeOf: ({ output }) => output!.state,
      outcomes: [
        ...within('rejected', ETH_REJECTIONS),
        ...within('refused', ETH_REFUSALS),
        ...within('failed', ETH_FAILURES),
      ],
    },
  );
}

function endpointProof() {
  const refusals = [
    'noUdpEndpoint',
    'notInNetRestrict',
    'ownNode',
    'tooManyRequests',
    'closed',
  ] as const;
  return modelOf(
    endpointProofMachine,
    [
      { type: 'ping.sent' },
      ...refusals.map((why) => ({ type: 'ping.refused', why }) as const),
      { type: 'ping.timedOut' },
      { type: 'pong.received', rttMs: 20, seq: 1 },
      { type: 'theirPing.received' },
    ],
    {
      inputs: [{ target: { id: 'ab'.repeat(32), host: '192.0.2.1', udpPort: 30303 } }],
      outcomes: ['proven', ...Object.keys(PROOF_FAILURES)],
    },
  );
}

function listener() {
  type Event = EventFrom<typeof listenerMachine>;
  const stream = dummyStream(1);
  const seen = (caller: Partial<typeof LAN_CALLER>): Event => ({
    type: 'caller.seen',
    stream,
    caller: { ...LAN_CALLER, ...caller },
  });
  const stranger = { isLan: false, source: '192.0.2.1' };
  return modelOf(
    listenerMachine,
    [
      { type: 'socket.bound', address },
      { type: 'bind.failed', message: 'EADDRINUSE' },
      { type: 'socket.accepted', stream },
      { type: 'accept.failed', temporary: true, message: 'EMFILE' },
      { type: 'accept.failed', temporary: false, message: 'EBADF' },
      seen({}),
      seen({ at: 1_000 }), // late enough to replace a silent caller
      seen({ isRestricted: true }),
      seen(stranger),
      seen({ ...stranger, at: 31_000 }), // the throttle is over, the first handshake is not
      seen({ ...stranger, at: 62_000 }),
      { type: 'slot.returned', slot: 1 },
      { type: 'slot.returned', slot: 2 },
      { type: 'slot.returned', slot: 3 },
      { type: 'auth.arrived', slot: 1 },
    ],
    {
      inputs: [
        { address: asked, slots: 2 },
        { address: asked, slots: 3 },
      ],
      key: ({ status, value, context: { held, history, turnedAway, binds, losses } }) => {
        const holders = [...held.pages.values()].flatMap((page) => [...page.values()]);
        const state = [holders, history.length, turnedAway !== null, Math.min(binds, 1), losses];
        return `${status} ${JSON.stringify([value, state, Math.min(held.next, 5)])}`;
      },
      // a few losses in a row are enough: each next pause has a state of its own
      stopAt: ({ context }) => context.held.next > 4 || context.losses > 8,
      outcomes: ['closed', 'failed'],
    },
  );
}

function localNode() {
  const [v4, v6] = ['127.0.0.1', '::1'];
  const input = (own: string | null, ipv4: string | null, ipv6: string | null) => ({
    externalHosts: { ipv4: own, ipv6: own && v6 },
    fallbackHosts: { ipv4, ipv6 },
  });
  return modelOf(
    localNodeMachine,
    ({ context: { votes, nextSeq } }): EventFrom<typeof localNodeMachine>[] => {
      // first all votes of one family, then those of the other: in any order, there would be far more states
      const { size } = votes.ipv4.statements;
      const next = size < MIN_VOTES ? stated(`${size}`) : undefined;
      const after = stated(`${votes.ipv6.statements.size}`, OUTSIDE_V6);
      const isVoting = nextSeq <= NEXT_SEQ + 1 && votes.ipv6.statements.size < MIN_VOTES;
      return [
        { type: 'key.failed', message: 'oops' },
        { type: 'store.opened', nextSeq: NEXT_SEQ },
        { type: 'store.faulted', message: 'oops' },
        { type: 'record.signed', record: signedRecord(nextSeq) },
        { type: 'record.kept', record: signedRecord(nextSeq - 1) },
        { type: 'record.failed', message: 'oops' },
        isVoting ? (next ?? after) : stated('0'),
        { type: 'external.changed', hosts: { ipv4: '198.51.100.7', ipv6: null } },
        { type: 'external.changed', hosts: { ipv4: null, ipv6: '2001:db8::7' } },
        { type: 'external.changed', hosts: { ipv4: null, ipv6: null } },
        { type: 'port.mapped', protocol: 'tcp', port: null },
        { type: 'tcp.bound', port: 30_303 },
        { type: 'udp.bound', port: 0 },
      ];
    },
    {
      inputs: [input(null, v4, null), input(null, null, v6), input('192.0.2.1', v4, null)],
      key: ({ status, value, context: { votes, attempted, tcpPort } }) => {
        const counts = [votes.ipv4.statements.size, votes.ipv6.statements.size];
        return `${status} ${JSON.stringify([value, counts, attempted, tcpPort])}`;
      },
      outcomes: ['closed', 'failed'],
    },
  );
}

function dnsTree() {
  const rounds = [0, 1].flatMap((remaining) => [0, 1].map((nodes) => ({ remaining, nodes })));
  return modelOf(
    dnsTreeMachine,
    [
      { type: 'node.wanted' },
      { type: 'root.read', seq: 1, remaining: 2 },
      { type: 'root.failed', why: 'noTxtRecord' },
      { type: 'stop' },
      ...rounds.flatMap((round): EventFrom<typeof dnsTreeMachine>[] => [
        { type: 'entry.read', kind: 'branch', ...round },
        { type: 'entry.read', kind: 'node', ...round },
        { type: 'entry.failed', why: 'hashMismatch', ...round },
      ]),
    ],
    {
      inputs: [{ url: 'enrtree://KEY@nodes.example.org' }],
      key: ({ status, value, context: { remaining, nodes, entryFailures } }) =>
        `${status} ${JSON.stringify([value, remaining > 0, nodes > 0, Math.min(entryFailures, MAX_ENTRY_FAILURES)])}`,
      outcomes: ['closed'],
    },
  );
}

function lookup() {
  const seeds = [near(5), near(4), near(3), near(2)];
  return modelOf(
    lookupMachine,
    ({ context: { search } }) =>
      [...search.pending, US].flatMap((id): EventFrom<typeof lookupMachine>[] => [
        // nodes that invent closer ones, one by one, until no more may be asked
        { type: 'answered', id, nodes: [near(numberOf(id) - 1)] },
        { type: 'answered', id, nodes: [] },
        { type: 'askFailed', id },
        ...(id === US ? [] : [{ type: 'ask.overdue' as const, id }]),
      ]),
    {
      inputs: [lookupInput([]), lookupInput(seeds), lookupInput([near(MAX_ASKED + 1)])],
      key: ({ status, value, context: { search } }) => {
        const { pending, asked, answered, closest } = search;
        const state = [asked.size, pending.size, closest.length, Math.min(answered.length, 1)];
        return `${status} ${JSON.stringify([value, state])}`;
      },
      outcomes: Object.keys(LOOKUP_OUTCOMES),
    },
  );
}

function peer() {
  type Event = EventFrom<typeof peerMachine>;
  const ended = (how: 'returned' | 'failed'): Event => ({
    type: 'xstate.done.actor.protocol:eth/69',
    actorId: 'protocol:eth/69',
    output: { protocol: 'eth/69', how, message: '' },
  });
  return modelOf(
    peerMachine,
    [
      ...Object.values(PEER_LINK_EVENTS),
      ...FAULTS.map((fault): Event => ({ type: 'link.garbled', fault, detail: '' })),
      { type: 'link.closed', how: 'reset', detail: '' },
      { type: 'disconnect', reason: 'requested' },
      ...within('reject', PEER_REJECTIONS).map((type) => ({ type, facts: {} }) as Event),
      ...within('refuse', PEER_REFUSALS).map((type) => ({ type, facts: {} }) as Event),
      ...within('fail', PEER_FAILURES).map((type) => ({ type, facts: {} }) as Event),
      ended('returned'),
      ended('failed'),
    ],
    {
      inputs: [
        {
          connectionId: '1',
          link: UNUSED_LINK,
          runs: [{ protocol: 'eth/69', run: async () => {} }],
        },
      ],
      key: ({ status, value, context }) =>
        `${status} ${JSON.stringify(value)} ${context.ending.state} ${context.unfinished}`,
      outcomeOf: ({ output }) => output!.state,
      outcomes: [
        ...within('ending.rejected', PEER_REJECTIONS),
        ...within('ending.refused', PEER_REFUSALS),
        ...within('ending.failed', PEER_FAILURES),
      ],
    },
  );
}

const VERSIONS = ['v4', 'v5'] as const;
function node() {
  const faults = [BROKEN, null];
  return modelOf(
    nodeMachine,
    [
      { type: 'start' },
      { type: 'stop' },
      { type: 'close' },
      SERVER_ENDED,
      ...START,
      ...(['directory', 'service', 'server', 'api'] as const).map((part) => ({
        type: `${part}.failed` as const,
        fault: BROKEN,
      })),
      ...(
        ['api.closed', 'service.stopped', 'server.stopped', 'directory.released'] as const
      ).flatMap((type) => faults.map((fault) => ({ type, fault }))),
    ],
    {
      inputs: [0, 1, 2].map((count) => ({ services: count, apis: count })),
      key: ({ status, value, context: { services, created, started, opened, stopFaults } }) => {
        const counts = [services, created, started, opened, Math.min(stopFaults.length, 1)];
        return `${status} ${JSON.stringify([value, counts])}`;
      },
      outcomes: ['closed'],
    },
  );
}

function crawl() {
  const failure = { part: 'queue', message: 'no' } as const;
  return modelOf(
    crawlMachine,
    [
      { type: 'seeded' },
      { type: 'task.taken' },
      { type: 'queue.empty' },
      { type: 'node.added' },
      { type: 'search.ended' },
      { type: 'visit.ended' },
      { type: 'crawl.failed', failure },
      { type: 'drained', failure },
      { type: 'drained', failure: null },
      { type: 'stop' },
    ],
    {
      inputs: [{ parallel: 2, visitIntervalMs: 20, emptyPolls: 1, maxMs: 60_000 }],
      key: ({ status, value, context: { visiting, polls, isSearching, failure: known } }) =>
        `${status} ${JSON.stringify([value, visiting, Math.min(polls, 1), isSearching, !!known])}`,
      // the visitor ends no more visits than it began
      stopAt: ({ context: { visiting } }) => visiting < 0,
      outcomeOf: ({ output }) => output!.outcome,
      outcomes: [...CRAWL_OUTCOMES],
    },
  );
}

function portMapper() {
  type Event = EventFrom<typeof portMapperMachine>;
  return modelOf(
    portMapperMachine,
    // one of the three regions for each input: all at the same time, there would be far more states
    ({ context: { mechanism } }): Event[] => {
      const protocol = mechanism === 'udp' ? 'udp' : 'tcp';
      return [
        FOUND,
        { type: 'gateway.notFound', message: 'no' },
        addressFound(),
        { type: 'address.notPublic', host: '10.0.0.2' },
        { type: 'address.failed', message: 'no' },
        { type: 'address.changed' },
        bound(protocol),
        mapDone(protocol),
        mapFailed(protocol),
        { type: 'map.notSupported', protocol },
        { type: 'map.loopback', protocol },
        { type: 'unmap.ended', protocol },
        { type: 'close' },
      ];
    },
    {
      inputs: ['address', ...PROTOCOLS].map((mechanism) => ({ mechanism })),
      key: ({ status, value, context: { mechanism, hosts, addressFailures, mappings } }) => {
        const known = [hosts.ipv4 !== null, addressFailures];
        const ports = Object.values(mappings).map((mapping) => [
          ...[mapping.bound !== null, mapping.externalPort !== null, mapping.failures],
        ]);
        return `${status} ${JSON.stringify([mechanism, value, known, ports])}`;
      },
      stopAt: ({ context: { mechanism, addressFailures, mappings } }) =>
        mechanism === 'address' ? mappings.tcp.bound !== null : addressFailures > 0,
      outcomes: ['closed'],
    },
  );
}

function server() {
  const found = { nodes: [], answered: [], failed: [] };
  const replyTo = createActor(fromCallback(() => {})) as unknown as CheckpointReplyRef;
  const ours = candidate('a', 'static', '1');
  const theirs = candidate('a', 'inbound', '2');
  type Event = EventFrom<typeof serverMachine>;
  const asks = [ours, theirs].flatMap((who): Event[] => [
    { type: 'checkpoint.postHandshake', candidate: who, replyTo },
    { type: 'checkpoint.addPeer', candidate: who, capabilities: [eth], replyTo },
    { type: 'connection.ended', connectionId: who.connectionId, slot: who === theirs ? 1 : null },
    dropped('a', who.connectionId),
    {
      type: 'hold.over',
      request: { type: 'checkpoint.addPeer', candidate: who, capabilities: [eth], replyTo },
    },
  ]);
  return modelOf(
    serverMachine,
    [
      ...asks,
      ...Object.values(partBroke),
      { type: 'localNode.failed', message: 'oops' },
      { type: 'store.faulted', message: 'oops' },
      { type: 'record.failed', message: 'oops' },
      stated('voter'),
      { type: 'external.changed', hosts: { ipv4: null, ipv6: null } },
      { type: 'port.mapped', protocol: 'tcp', port: null },
      { type: 'gateway.faulted', message: 'oops' },
      { type: 'listener.bound', address },
      { type: 'listener.failed', message: 'oops' },
      discoveryReady,
      ...VERSIONS.flatMap((version): Event[] => [
        { type: 'discovery.failed', version, message: 'oops' },
        { type: 'discovery.lost', version, message: 'oops', retryInMs: 1_000 },
        { type: 'discovery.restored', version },
        { type: 'lookup.wanted', version, lookupId: 1, target: null },
        { type: 'lookup.ended', version, lookupId: 1, ...found },
        { type: 'nodes.found', version, ...found },
        { type: 'bootnodes.found', version, nodes: [] },
        { type: 'refresh.wanted', version },
      ]),
      { type: 'connection.accepted', stream: dummyStream(1), slot: 1 },
      { type: 'connection.replaced', slot: 1 },
      { type: 'auth.arrived', slot: 1 },
      { type: 'listener.lost', message: 'oops', retryInMs: 1_000 },
      { type: 'static.blocked', target: target('a'), why: 'notInNetRestrict' },
      { type: 'static.heldBack', nodes: [target('a')], dialled: 1, maxDialed: 1 },
      { type: 'static.released' },
      { type: 'peer.churned', id: 'a', direction: 'inbound' },
      { type: 'churn.skipped' },
      { type: 'candidates.failed', message: 'oops' },
      {
        type: 'callers.turnedAway',
        counts: { netRestrict: 0, throttled: 1, sourceBusy: 0, noSlot: 0, notAccepting: 0 },
        latest: { remote: address, why: 'throttled' },
      },
      { type: 'static.add', target: target('a') },
      { type: 'peer.remove', id: 'a' },
      { type: 'trusted.add', id: 'a' },
      { type: 'trusted.remove', id: 'a' },
      { type: 'peers.request', requestId: 1 },
      { type: 'dial.ended', id: 'a' },
      { type: 'dial.wanted', target: target('a'), direction: 'static', mayResolve: false },
      { type: 'dial.unwanted', id: 'a', why: 'removed' },
    ],
    {
      inputs: [
        serverInput({ trusted: [] }),
        serverInput({ listen: null, trusted: [] }),
        serverInput({ discovery: discoveryAsked, trusted: [] }),
        serverInput({ listen: null, discovery: discoveryAsked, trusted: [] }),
        serverInput({ listen: null, discoveryV5: discoveryV5Asked, trusted: [] }),
        serverInput({ discovery: discoveryAsked, discoveryV5: discoveryV5Asked, trusted: [] }),
        serverInput({ discoveryV5: discoveryV5Asked, trusted: [] }),
        serverInput({ portMapping: { mechanism: 'any' }, trusted: [] }),
      ],
      key: ({ status, value, context }) =>
        [
          status,
          JSON.stringify(value),
          // with discovery the phases and parts alone: peers are explored without it
          ...(context.input.discovery || context.input.discoveryV5 || context.input.portMapping
            ? []
            : [[...context.peers.keys()], [...context.pending.keys()], [...context.held.keys()]]),
          context.trusted.size,
        ].join(' '),
      outcomes: ['stopped'],
    },
  );
}

function tableMaintenance() {
  const [a, b] = nodesAt(256, 2);
  const message = 'oops';
  const all = findings([a!], [b!.id], [a!.id]);
  return modelOf(
    tableMaintenanceMachine,
    ({ context: { table, lookupId } }) => [
      { type: 'network.bound', address: udpAddress },
      { type: 'network.failed', message },
      { type: 'network.lost', message, retryInMs: 1_000 },
      ...[...table.checking.keys(), b!.id].flatMap(
        (id): EventFrom<typeof tableMaintenanceMachine>[] => [
          { type: 'check.answered', id, node: a! },
          { type: 'check.failed', id },
          { type: 'check.overdue', id },
        ],
      ),
      { type: 'node.proven', node: b! },
      { type: 'seeds.found', nodes: [a!] },
      { type: 'seeds.failed', message },
      { type: 'lookup.ended', lookupId, ...all },
      { type: 'lookup.ended', lookupId, ...findings() },
      { type: 'lookup.ended', lookupId: lookupId - 1, ...all },
      { type: 'nodes.found', ...all },
      { type: 'bootnodes.found', nodes: [b!] },
    ],
    {
      inputs: [tableInput()],
      key: ({ status, value, context }) => {
        const { table, lookupsLeft, answers, refreshes, fault } = context;
        const lists = entriesOf(table).map(({ list }) => list);
        const nodes = [lists.includes('fast'), lists.includes('slow'), table.checking.size > 0];
        const state = [nodes, lookupsLeft, Math.min(answers, 1), Math.min(refreshes, 1), fault];
        return `${status} ${JSON.stringify([value, state])}`;
      },
      // a second refresh brings nothing new
      stopAt: ({ context }) => context.refreshes > 0 && context.lookupsLeft === 2,
      outcomes: ['closed', 'failed'],
    },
  );
}

const FAULTS = [
  'handshakeSizeOutOfRange',
  'invalidPublicKey',
  'undecryptable',
  'malformedHandshake',
  'unrecoverableSignature',
  'replayedAuth',
  'badHeaderMac',
  'badFrameMac',
  'frameTooBig',
  'malformedFrame',
  'messageTooBig',
  'malformedSnappy',
  'malformedRlp',
  'malformedHello',
  'invalidIdentity',
] as const;
