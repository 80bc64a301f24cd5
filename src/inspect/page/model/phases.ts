/** The phases of one connection, from the look-up of its address to its end: the rows of the waterfall. */

import { shortState, type Tone, toneOf } from './state-words.ts';
import { endingsIn, repeatsConnection, type Story, type StoryStep, toneOfStep } from './story.ts';

export type Phase = {
  readonly name: string;
  /** The end state, of the last row of a connection that ended; else empty. */
  readonly reason: string;
  readonly tone: Tone;
  /** Index of its first step in the story. */
  readonly first: number;
  /** In ms, since the connection began. */
  readonly from: number;
  readonly ms: number;
};

/** By machine and the first name of the state; other states belong to the phase before them. */
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'dial-task': {
    checkingEndpoint: 'Address',
    lookingUpHost: 'DNS',
    checkingAddress: 'Address',
    choosingAddress: 'Address',
    resolving: 'Node lookup',
    connecting: 'TCP',
  },
  'connection-setup': {
    encHandshake: 'Enc handshake',
    postHandshakeCheckpoint: 'Checkpoint 1',
    protoHandshake: 'Hello',
    identityCheck: 'Checkpoint 2',
    addPeerCheckpoint: 'Checkpoint 2',
  },
  peer: { announcing: 'Peer', running: 'Peer' },
};

type Start = Pick<Phase, 'name' | 'reason' | 'tone'>;

/** @param now In ms, as the times of steps: the end of the last phase of a live connection. */
export function phasesOf({ steps, beganAt, endedAt }: Story, now: number): readonly Phase[] {
  const starts: (Start & { readonly first: number; readonly at: number })[] = [];
  for (const [first, step] of steps.entries()) {
    const begun = startOf(step);
    const last = starts.at(-1);
    if (!begun || begun.name === last?.name || last?.reason) continue;
    starts.push({ ...begun, first, at: step.at });
  }
  return starts.map(({ at, ...start }, place) => {
    const end = starts[place + 1]?.at ?? endedAt ?? now;
    return { ...start, from: at - beganAt, ms: Math.max(0, end - at) };
  });
}

function startOf(step: StoryStep): Start | null {
  const { machine, state } = step;
  if (repeatsConnection(step)) return null;
  const [ending] = endingsIn(step);
  if (ending !== undefined)
    return { name: 'Ended', reason: shortState(ending), tone: toneOfStep(step) };
  const name = NAMES[machine]?.[state.split('.')[0]!];
  return name === undefined ? null : { name, reason: '', tone: toneOf(machine, state) };
}
