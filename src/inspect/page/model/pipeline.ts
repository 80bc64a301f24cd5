/** The stages of a connection on its way to a peer, and how many attempts are in each. */
import { type Attempt, currentOf, isLive } from './attempts.ts';
import type { Store } from './store.ts';

export type Stage =
  | 'dialling'
  | 'tcp'
  | 'encHandshake'
  | 'checkpoint1'
  | 'hello'
  | 'checkpoint2'
  | 'peer'
  | 'closing';

type StageWords = {
  readonly stage: Stage;
  readonly label: string;
  /** For a tooltip. */
  readonly about: string;
  /** Machine with the states of this stage. */
  readonly machine: string;
};

/** In the order in which a connection passes them. */
export const STAGES: readonly StageWords[] = [
  {
    stage: 'dialling',
    label: 'Dialling',
    about: 'an address is looked up and checked',
    machine: 'dial-task',
  },
  { stage: 'tcp', label: 'TCP', about: 'the socket is being connected', machine: 'dial-task' },
  {
    stage: 'encHandshake',
    label: 'Enc handshake',
    about: 'auth and ack agree on keys',
    machine: 'connection-setup',
  },
  {
    stage: 'checkpoint1',
    label: 'Checkpoint',
    about: 'may this key become a peer?',
    machine: 'connection-setup',
  },
  {
    stage: 'hello',
    label: 'Hello',
    about: 'both sides send client and capabilities',
    machine: 'connection-setup',
  },
  {
    stage: 'checkpoint2',
    label: 'Checkpoint',
    about: 'identity, shared capabilities and limits',
    machine: 'connection-setup',
  },
  { stage: 'peer', label: 'Peer', about: 'subprotocols run', machine: 'peer' },
];

/** The stages of the connection setup that the header counts together. */
export const SETTING_UP: readonly Stage[] = ['encHandshake', 'checkpoint1', 'hello', 'checkpoint2'];

const SETUP: Readonly<Record<string, Stage>> = {
  encHandshake: 'encHandshake',
  postHandshakeCheckpoint: 'checkpoint1',
  protoHandshake: 'hello',
  identityCheck: 'checkpoint2',
  addPeerCheckpoint: 'checkpoint2',
  admitted: 'checkpoint2', // its peer starts next
};

/** Null for an attempt that has ended. `closing`: it is rejected, refused or failed, and its socket still open. */
export function stageOf(attempt: Attempt): Stage | null {
  if (!isLive(attempt)) return null;
  const { machine, state } = currentOf(attempt);
  const [first = ''] = state.split('.');
  switch (machine) {
    case 'peer':
      return 'peer';
    case 'connection-setup':
      return SETUP[first] ?? 'closing';
    default:
      return first === 'connecting' || first === 'settingUp' ? 'tcp' : 'dialling';
  }
}

export type StageCounts = Readonly<Record<Stage, number>> & {
  /** The sum of all stages. */
  readonly live: number;
  readonly ended: number;
};

/** Every attempt once. */
export function stageCounts(store: Store): StageCounts {
  const counts: Record<Stage, number> = {
    dialling: 0,
    tcp: 0,
    encHandshake: 0,
    checkpoint1: 0,
    hello: 0,
    checkpoint2: 0,
    peer: 0,
    closing: 0,
  };
  let [live, ended] = [0, 0];
  for (const attempt of store.attempts.all()) {
    const stage = stageOf(attempt);
    if (stage === null) ended += 1;
    else {
      counts[stage] += 1;
      live += 1;
    }
  }
  return { ...counts, live, ended };
}
