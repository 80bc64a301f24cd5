/** One dial to one node and its result, for `ping` and `why`. */
import { pino } from 'pino';
import type { Inspect } from '../actors/inspection.ts';
import type { Ports } from '../api/options.ts';
import type { Peer } from '../api/peer.ts';
import type { Protocol } from '../api/protocol.ts';
import type { Explained, ServerEvent } from '../api/server-events.ts';
import { explain, type Outcome } from '../explain/explain.ts';
import type { Node } from '../io/crypto/node.ts';
import { generateNodeKey, type NodeKey } from '../io/crypto/node-key.ts';
import { systemClock } from '../io/process/clock.ts';
import { targetOf } from '../server/machine-input.ts';
import { Server } from '../server.ts';
import { Phases } from './phases.ts';
import type { Terminal } from './terminal.ts';

export type ProbeOptions = {
  readonly node: Node;
  /** Our key; a new one unless given. */
  readonly key?: NodeKey;
  /** Longest wait until they are a peer, in seconds; every step also has its own time limit. */
  readonly timeout: number;
  /** The protocols we offer; with none, every node is accepted. */
  readonly protocols?: readonly Protocol[];
  /** Gets what is inspected, besides the phases. */
  readonly inspect?: Inspect;
  /** Called once, before the dial. */
  readonly onPhases?: (phases: Phases) => void;
  /** How long they must stay connected, in ms; with 0 their Hello is enough. */
  readonly keepMs: number;
};

/** `ms`: time as a peer until we disconnected. */
type Kept = { readonly type: 'kept'; readonly peer: Peer; readonly ms: number };

type ProbeEnd = Kept | (Outcome & Explained);

export type Probe = {
  readonly end: ProbeEnd;
  readonly phases: Phases;
  /** From the dial to the end, in ms. */
  readonly ms: number;
  /** Why we stopped waiting; null when the attempt ended by itself. */
  readonly gaveUp: GiveUpReason | null;
};

type GiveUpReason = 'timeout' | 'interrupt';

export async function probe(
  {
    node,
    key = generateNodeKey(),
    timeout,
    protocols = [],
    inspect,
    onPhases,
    keepMs,
  }: ProbeOptions,
  { stderr, signal }: Pick<Terminal, 'stderr' | 'signal'>,
  ports: Partial<Ports>,
): Promise<Probe> {
  const clock = ports.clock ?? systemClock;
  const phases = new Phases(clock);
  onPhases?.(phases);
  await using server = new Server({
    nodeKey: key,
    listen: null,
    maxPeers: 1,
    protocols,
    logger: pino({ level: 'error' }, stderr),
    inspect: (event) => {
      phases.inspect(event);
      inspect?.(event);
    },
    ports,
  });
  await server.start();

  let gaveUp: GiveUpReason | null = null;
  const giveUp = (why: GiveUpReason): void => {
    gaveUp ??= why;
    void server.stop(); // what is running reports its end
  };
  const onAbort = (): void => giveUp('interrupt');
  let timer = clock.setTimeout(() => giveUp('timeout'), timeout * 1000);
  signal.addEventListener('abort', onAbort);

  const events = server.events();
  const beganAt = clock.now();
  server.addPeer(node.text);
  if (signal.aborted) onAbort();
  const onPeer = (): void => {
    clock.clearTimeout(timer);
    timer = clock.setTimeout(() => void server.stop(), keepMs);
  };
  const end = await endOf(events, { node, keepMs, onPeer });
  const ms = Math.round(clock.now() - beganAt);

  clock.clearTimeout(timer);
  signal.removeEventListener('abort', onAbort);
  return { end: gaveUp ? explainGivenUp(end, phases) : end, phases, ms, gaveUp };
}

type Watched = Pick<ProbeOptions, 'node' | 'keepMs'> & { readonly onPeer: () => void };

/** Ends, because a server ends its events after it has reported everything. */
async function endOf(
  events: AsyncIterable<ServerEvent>,
  { node, keepMs, onPeer }: Watched,
): Promise<ProbeEnd> {
  for await (const event of events) {
    if (event.type === 'add') {
      if (keepMs === 0) return { type: 'kept', peer: event.peer, ms: 0 };
      onPeer();
    }
    if (event.type === 'drop')
      return event.state === OUR_STOP ? { type: 'kept', peer: event.peer, ms: event.ms } : event;
    if (event.type === 'ended') return event;
    if (event.type === 'dialFailed' && event.state !== 'setupFailed') return event;
  }
  return explained({
    type: 'dialFailed',
    target: targetOf(node),
    address: { host: node.host, port: node.tcpPort },
    state: 'cancelled',
    detail: '',
  });
}

/** How a peer ends when our server stops. */
const OUR_STOP = 'ending.rejected.clientQuitting';

const explained = (outcome: Outcome): Outcome & Explained => ({
  ...outcome,
  explanation: explain(outcome),
});

/** When we stop waiting, the explanation is that of the time limit of the current step. */
function explainGivenUp(end: ProbeEnd, { latest }: Phases): ProbeEnd {
  if (end.type === 'kept') return end;
  const { evidence } = end.explanation;
  return { ...end, explanation: { ...explain(asTimedOut(end, latest)), evidence } };
}

function asTimedOut(end: Outcome, latest: Phases['latest']): Outcome {
  if (end.type === 'dialFailed' && end.state === 'cancelled')
    return { ...end, state: latest === 'dns' ? 'hostLookupTimeout' : 'connectTimeout' };
  if (end.type === 'ended' && end.state === 'failed.aborted')
    return { ...end, state: 'failed.encHandshakeTimeout' };
  if (end.type === 'ended' && end.state === 'rejected.serverStopped')
    return { ...end, state: 'rejected.helloTimeout' };
  return end;
}
