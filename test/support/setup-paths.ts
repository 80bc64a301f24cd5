/** The shortest path of the chart to each ending of a connection setup that a remote and the real run loop can cause. */
import type { EventFrom } from 'xstate';
import { statePath } from '../../src/actors/state-path.ts';
import type { WireFault } from '../../src/io/wire/error.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import {
  type Edge,
  type Exploration,
  explore,
  type Node,
} from '../../src/testing/model/explore.ts';
import { type Path, pathFrom } from '../../src/testing/model/paths.ts';
import { connectionSetupModel } from './models.ts';
import type { WireRole } from './wire-stage.ts';

type Machine = typeof connectionSetupMachine;
type Type = EventFrom<Machine>['type'];

/** What can happen in each state in which a connection waits; other events are of other states, or of mistakes. */
const POSSIBLE: Record<string, readonly (Type | `xstate.after.${string}`)[]> = {
  'encHandshake.awaitingAuth': [
    'auth.queued',
    'link.garbled',
    'link.closed',
    'stop',
    'make.room',
    'xstate.after.encHandshakeTimeout',
  ],
  'encHandshake.awaitingTurn': [
    'auth.received',
    'link.garbled',
    'link.closed',
    'link.faulted',
    'xstate.after.turnTimeout',
  ],
  'encHandshake.sendingAck': ['ack.sent'],
  'encHandshake.sendingAuth': ['auth.sent'],
  'encHandshake.awaitingAck': [
    'ack.received',
    'link.garbled',
    'link.closed',
    'link.faulted',
    'stop',
    'cancel',
    'xstate.after.encHandshakeTimeout',
  ],
  postHandshakeCheckpoint: [
    'accept',
    'reject.tooManyPeers',
    'reject.crowdedSubnet',
    'reject.alreadyConnected',
    'reject.self',
    'xstate.after.checkpointTimeout',
  ],
  protoHandshake: [
    'hello.received',
    'disconnect.received',
    'message.unexpected',
    'link.garbled',
    'link.closed',
    'link.faulted',
    'link.stalled',
    'stop',
    'cancel',
    'xstate.after.helloTimeout',
  ],
  'addPeerCheckpoint.asking': ['accept', 'hold', 'reject.uselessPeer'],
  'addPeerCheckpoint.held': ['reject.alreadyConnected'],
};

/** Who dialled is the first to know of the other one, so it is never late for the first checkpoint; who called cannot be cancelled. */
const IMPOSSIBLE: Record<WireRole, Record<string, readonly Type[]>> = {
  inbound: { protoHandshake: ['cancel'], 'addPeerCheckpoint.held': ['reject.alreadyConnected'] },
  dialled: { postHandshakeCheckpoint: ['reject.alreadyConnected', 'reject.self'] },
};

/** Faults of auth and ack come before there are keys, all others after that. */
const HANDSHAKE_FAULTS: readonly WireFault[] = [
  'handshakeSizeOutOfRange',
  'invalidPublicKey',
  'undecryptable',
  'malformedHandshake',
  'unrecoverableSignature',
  'replayedAuth',
];

/** Of those, what is found out before the packet is decrypted. */
const READ_FAULTS: readonly WireFault[] = [
  'handshakeSizeOutOfRange',
  'invalidPublicKey',
  'replayedAuth',
];

const isOfHandshake = ({ fault }: { readonly fault: WireFault }): boolean =>
  HANDSHAKE_FAULTS.includes(fault);

/** Of the whole chart, once: its samples can only be made in a test. */
let explored: Exploration<Machine> | null = null;

function exploration(): Exploration<Machine> {
  const { events, options } = connectionSetupModel();
  explored ??= explore(connectionSetupMachine, { ...options, events });
  return explored;
}

/** @param outcome Such as `rejected.self`. */
export function pathToOutcome(outcome: string, role: WireRole): Path<Machine> {
  const { nodes, edges } = exploration();
  const starts = nodes.filter(({ from, input }) => {
    const isInbound = input?.direction === 'inbound';
    return from === null && isInbound === (role === 'inbound');
  });
  const ways = new Map<Node<Machine>, readonly Edge<Machine>[]>(starts.map((node) => [node, []]));
  for (const [node, way] of ways) {
    if (node.snapshot.output?.state === outcome) return pathFrom(way[0]?.source ?? node, way);
    for (const edge of edges)
      if (edge.source === node && !ways.has(edge.target) && isPossible(edge, role))
        ways.set(edge.target, [...way, edge]);
  }
  throw new Error(`no way to ${outcome} as ${role}`);
}

function isPossible({ source, event }: Edge<Machine>, role: WireRole): boolean {
  const state = statePath(source.snapshot.value);
  if (/^(rejected|refused)\./.test(state)) return event.type === 'link.closed';
  if (IMPOSSIBLE[role][state]?.includes(event.type)) return false;
  if (event.type === 'link.garbled' && isOfHandshake(event) !== state.startsWith('encHandshake.'))
    return false;
  if (event.type === 'link.garbled') {
    const { fault } = event;
    // an ack has no signature and is no auth; only auths are read in one state and decrypted in the next
    if (role === 'dialled' && ['unrecoverableSignature', 'replayedAuth'].includes(fault))
      return false;
    const isRead = state.endsWith('awaitingAuth');
    if (role === 'inbound' && isOfHandshake(event) && READ_FAULTS.includes(fault) !== isRead)
      return false;
  }
  return (POSSIBLE[state] ?? []).some((type) =>
    type.startsWith('xstate.after.') ? event.type.startsWith(`${type}.`) : event.type === type,
  );
}
