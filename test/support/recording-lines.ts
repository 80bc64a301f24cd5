/** A small recording, line by line: a server, its listener, one peer, one caller that was turned away, a dial. */
import type { Ending } from '../../src/inspect/protocol.ts';
import type { RecordingLine } from '../../src/inspect/recording.ts';

export const HEADER = {
  type: 'header',
  format: 'peerchart recording',
  version: 2,
  peerchart: '0.1.0',
  startedAt: '2026-11-21T12:00:00.000Z',
  node: 'enode://aa@127.0.0.1:30303',
  seed: null,
  masked: false,
  replayable: false,
  charts: {},
} as const satisfies RecordingLine;

export const actorLine = (
  t: number,
  actor: number,
  machine: string,
  id: string,
  parent: number | null = null,
) => ({ type: 'actor', t, actor, machine, id, parent, state: null, found: false }) as const;

export const stepLine = (
  t: number,
  actor: number,
  event: string,
  state: string,
  ...transitions: readonly (readonly [string, string, string])[]
) => ({ type: 'step', t, actor, event: { type: event }, transitions, state }) as const;

export const endingOf = (at: number, state: string, more: Partial<Ending> = {}): Ending => ({
  at,
  type: 'ended',
  connection: '2',
  actor: 'connection-setup:2',
  direction: 'inbound',
  remote: '10.0.0.2:4000',
  id: '',
  client: '',
  state,
  facts: { peers: 50, limit: 50 },
  ms: 20,
  bytesIn: 100,
  bytesOut: 90,
  explanation: {
    verdict: 'There was no room.',
    remedy: 'Raise maxPeers.',
    confidence: 'certain',
    evidence: ['they called'],
  },
  ...more,
});

const setupRow = (remote: string, slot: number, client: string) =>
  ({
    direction: 'inbound',
    remote,
    slot,
    id: client === '' ? '' : 'ab'.repeat(32),
    client,
    capabilities: client === '' ? [] : ['eth/69'],
  }) as const;

/** 1 s long. */
export const LINES: readonly RecordingLine[] = [
  HEADER,
  actorLine(0, 1, 'server', 'server'),
  stepLine(0, 1, 'xstate.init', 'idle'),
  stepLine(1, 1, 'start', 'running', ['idle', 'start', 'running']),
  actorLine(2, 2, 'listener', 'listener', 1),
  stepLine(2, 2, 'xstate.init', 'open.accepting'),
  actorLine(100, 3, 'connection-setup', 'connection-setup:1'),
  { type: 'row', actor: 3, row: setupRow('10.0.0.1:4000', 0, '') },
  stepLine(100, 3, 'xstate.init', 'encHandshake.awaitingAuth'),
  stepLine(110, 3, 'auth.received', 'protoHandshake', [
    'encHandshake.awaitingAuth',
    'auth.received',
    'protoHandshake',
  ]),
  { type: 'row', actor: 3, row: setupRow('10.0.0.1:4000', 0, 'geth/v1.16') },
  stepLine(120, 3, 'hello.received', 'admitted', ['protoHandshake', 'hello.received', 'admitted']),
  { type: 'actorEnded', t: 120, actor: 3, status: 'done' },
  actorLine(121, 4, 'peer', 'peer:1'),
  { type: 'row', actor: 4, row: { protocols: ['eth/69'] } },
  stepLine(121, 4, 'xstate.init', 'running.resting'),
  actorLine(200, 5, 'connection-setup', 'connection-setup:2'),
  { type: 'row', actor: 5, row: setupRow('10.0.0.2:4000', 1, '') },
  stepLine(200, 5, 'xstate.init', 'encHandshake.awaitingAuth'),
  stepLine(220, 5, 'reject.tooManyPeers', 'rejected.tooManyPeers', [
    'encHandshake',
    'reject.tooManyPeers',
    'rejected.tooManyPeers',
  ]),
  { type: 'ending', ending: endingOf(220, 'rejected.tooManyPeers') },
  { type: 'actorEnded', t: 220, actor: 5, status: 'done' },
  actorLine(900, 6, 'dial-task', 'dial-task:cd'),
  {
    type: 'row',
    actor: 6,
    row: { direction: 'dynamic', id: 'cd'.repeat(32), remote: '10.0.0.3:30303' },
  },
  stepLine(900, 6, 'xstate.init', 'connecting'),
  { type: 'end', t: 1_000, why: 'closed' },
];

export const fileOf = (lines: readonly unknown[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** In chunks of so many bytes. */
export async function* chunksOf(text: string, size = 64): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
