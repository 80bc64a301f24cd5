/** Short texts for states and events, and their colours. No meaning is shown by colour alone. */

/** A family of states that share a colour. */
export type Tone = 'dial' | 'handshake' | 'check' | 'hello' | 'peer' | 'leaving' | 'bad' | 'over';

/** Normal endings. */
const CALM = new Set([
  'alreadyConnected',
  'cancelled',
  'done',
  'rejected.serverStopped',
  'failed.aborted',
  'failed.replaced',
  'ending.rejected.requested',
  'ending.rejected.clientQuitting',
  'ending.rejected.churned',
  'ending.refused.requested',
  'ending.refused.clientQuitting',
]);

const DIALLING = new Set([
  'checkingEndpoint',
  'lookingUpHost',
  'checkingAddress',
  'choosingAddress',
  'resolving',
  'connecting',
  'settingUp',
]);

/** Colours by the first name of a state. */
const TONES: Readonly<Record<string, Tone>> = {
  encHandshake: 'handshake',
  postHandshakeCheckpoint: 'check',
  protoHandshake: 'hello',
  identityCheck: 'check',
  addPeerCheckpoint: 'check',
  admitted: 'peer',
  announcing: 'peer',
  running: 'peer',
  awaitingProtocols: 'leaving',
  rejected: 'bad',
  refused: 'bad',
  failed: 'bad',
  ending: 'bad',
  closed: 'over',
};

/** Every state of a dial task outside `DIALLING` is an ending. */
export function toneOf(machine: string, state: string): Tone {
  if (CALM.has(state)) return 'over';
  if (machine === 'dial-task') return DIALLING.has(state) ? 'dial' : 'bad';
  return TONES[state.split('.')[0]!] ?? 'over';
}

export const isBad = (machine: string, state: string): boolean => toneOf(machine, state) === 'bad';

/**
 * The innermost name, as in the chart. Of a state with parallel regions, which has no such name, plain words: the phase
 * of the server, and what each region of the dial scheduler says.
 */
export const shortState = (state: string): string =>
  state.includes('+') ? stateWords(state) : leafOf(state);

/** For people: `free slots · has peers · no candidates`. */
export const stateWords = (state: string): string =>
  serverPhase(state)
    .split('+')
    .map((part) => {
      const name = leafOf(part);
      const inRegion = part.split('.').slice(-2).join('.');
      return WORDS[inRegion] ?? name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    })
    .join(' · ');

const leafOf = (state: string): string => state.slice(state.lastIndexOf('.') + 1);

/** States whose name alone does not say enough, with the name of their region. */
const WORDS: Readonly<Record<string, string>> = {
  'slots.hungry': 'free slots',
  'slots.saturated': 'no free slots',
  'staticNodes.dialable': 'no static node waits',
  'staticNodes.heldBack': 'static nodes wait for a place',
  'fallback.hasPeers': 'has peers',
  'fallback.noPeers': 'no peers',
  'fallback.noBootnodes': 'no bootnodes',
  'churn.opening': 'no churn yet',
  'churn.off': 'no churn',
  'churn.waiting': 'a peer makes room now and then',
  'fallback.dialingBootnodes': 'dialling bootnodes',
  'candidates.opening': 'opening the source of candidates',
  'candidates.exhausted': 'no candidates',
  'candidates.resting': 'no candidate needed',
  'candidates.pulling': 'asking for a candidate',
  'candidates.pausing': 'pausing before the next candidate',
};

/** The phase of the server, such as `starting.listening`, without the states of its parts. */
export const serverPhase = (state: string): string =>
  /(?:^|\+)active\.phase\.([^+]+)/.exec(state)?.[1] ?? state;

/** A short name of a machine. */
export const shortMachine = (machine: string): string => SHORT_MACHINES[machine] ?? machine;

const SHORT_MACHINES: Readonly<Record<string, string>> = {
  'dial-task': 'dial',
  'connection-setup': 'setup',
  'dial-scheduler': 'scheduler',
};

/** Whether we rejected, they refused, or it failed. Empty for a state that is not an ending. */
export function whose(machine: string, state: string): string {
  for (const [prefix, words] of WHOSE) if (state.startsWith(prefix)) return words;
  return machine === 'dial-task' && !DIALLING.has(state) ? 'dial ended' : '';
}

const WHOSE = [
  ['rejected.', 'rejected by us'],
  ['refused.', 'refused by them'],
  ['failed.', 'setup failed'],
  ['ending.rejected.', 'peer rejected by us'],
  ['ending.refused.', 'peer refused us'],
  ['ending.failed.', 'link failed'],
] as const;

/** As the charts print it: `after helloTimeout`, `link fails`; other events unchanged. */
export function eventWords(event: string): string {
  if (event === 'xstate.init') return 'started';
  if (event === 'xstate.stop') return 'stopped';
  if (event === 'always') return 'at once';
  const [, kind = '', name = ''] =
    /^(?:xstate\.)?(after|done\.actor|done\.state|error\.actor|done|error)[. ]([^.]*)/.exec(
      event,
    ) ?? [];
  if (name === '*') return `an actor ${kind.startsWith('done') ? 'is done' : 'fails'}`;
  if (kind === 'after') return `after ${name}`;
  if (kind === 'done.state') return `${shortState(event)} is done`;
  if (kind.startsWith('done')) return `${name} is done`;
  if (kind.startsWith('error')) return `${name} fails`;
  return event;
}
