/** One dial to one node, and what became of it: what `ping` and `why` have in common. */
import { pino } from 'pino';
import type { Ports } from '../api/options.ts';
import type { Peer } from '../api/peer.ts';
import type { Protocol } from '../api/protocol.ts';
import type { Explained, ServerEvent } from '../api/server-events.ts';
import { explain, type Outcome } from '../explain/explain.ts';
import type { Enode } from '../io/crypto/enode.ts';
import { formatEnode } from '../io/crypto/enode.ts';
import { generateNodeKey, type NodeKey } from '../io/crypto/node-key.ts';
import { systemClock } from '../io/process/clock.ts';
import { targetOf } from '../server/machine-input.ts';
import { Server } from '../server.ts';
import { Phases } from './phases.ts';
import type { Terminal } from './terminal.ts';

export type ProbeOptions = {
  readonly enode: Enode;
  /** Who we are; a new key unless given. */
  readonly key?: NodeKey;
  /** In seconds, until they are a peer; every step has a deadline of its own as well. */
  readonly timeout: number;
  /** What we offer; nothing at all takes every node. */
  readonly protocols?: readonly Protocol[];
  /** How long they have to keep us, in ms; with 0 their Hello is enough. */
  readonly keepMs: number;
};

/** `ms`: how long they were a peer until we left. */
type Kept = { readonly type: 'kept'; readonly peer: Peer; readonly ms: number };

export type ProbeEnd = Kept | (Outcome & Explained);

export type Probe = {
  readonly end: ProbeEnd;
  readonly phases: Phases;
  /** From the dial to the end, in ms. */
  readonly ms: number;
  /** Why we stopped waiting, if it was us. */
  readonly surrender: Surrender | null;
};

type Surrender = 'timeout' | 'interrupt';

export async function probe(
  { enode, key = generateNodeKey(), timeout, protocols = [], keepMs }: ProbeOptions,
  { stderr, signal }: Pick<Terminal, 'stderr' | 'signal'>,
  ports: Partial<Ports>,
): Promise<Probe> {
  const clock = ports.clock ?? systemClock;
  const phases = new Phases(clock);
  await using server = new Server({
    nodeKey: key,
    listen: null,
    maxPeers: 1,
    protocols,
    logger: pino({ level: 'error' }, stderr),
    inspect: phases.inspect,
    ports,
  });
  await server.start();

  let surrender: Surrender | null = null;
  const giveUp = (why: Surrender): void => {
    surrender ??= why;
    void server.stop(); // whatever is under way reports its end
  };
  const onAbort = (): void => giveUp('interrupt');
  let timer = clock.setTimeout(() => giveUp('timeout'), timeout * 1000);
  signal.addEventListener('abort', onAbort);

  const events = server.events();
  const begun = clock.now();
  server.addPeer(formatEnode(enode));
  if (signal.aborted) onAbort();
  const onPeer = (): void => {
    clock.clearTimeout(timer);
    timer = clock.setTimeout(() => void server.stop(), keepMs);
  };
  const end = await endOf(events, { enode, keepMs, onPeer });
  const ms = Math.round(clock.now() - begun);

  clock.clearTimeout(timer);
  signal.removeEventListener('abort', onAbort);
  return { end: surrender ? impatient(end, phases) : end, phases, ms, surrender };
}

type Watched = Pick<ProbeOptions, 'enode' | 'keepMs'> & { readonly onPeer: () => void };

/** The server ends after it has reported everything, so this ends too. */
async function endOf(
  events: AsyncIterable<ServerEvent>,
  { enode, keepMs, onPeer }: Watched,
): Promise<ProbeEnd> {
  for await (const event of events) {
    if (event.type === 'add') {
      if (keepMs === 0) return { type: 'kept', peer: event.peer, ms: 0 };
      onPeer();
    }
    if (event.type === 'drop')
      return event.state === LEFT_BY_US ? { type: 'kept', peer: event.peer, ms: event.ms } : event;
    if (event.type === 'ended') return event;
    if (event.type === 'dialFailed' && event.state !== 'setupFailed') return event;
  }
  return explained({
    type: 'dialFailed',
    target: targetOf(enode),
    address: { host: enode.host, port: enode.tcpPort },
    state: 'cancelled',
    detail: '',
  });
}

/** How a peer ends when we stop: it would have stayed. */
const LEFT_BY_US = 'ending.rejected.clientQuitting';

const explained = (outcome: Outcome): Outcome & Explained => ({
  ...outcome,
  explanation: explain(outcome),
});

/** When it is us who stop waiting, the step that was waited for means what its own deadline would have meant. */
function impatient(end: ProbeEnd, { latest }: Phases): ProbeEnd {
  if (end.type === 'kept') return end;
  const { evidence } = end.explanation;
  return { ...end, explanation: { ...explain(overdue(end, latest)), evidence } };
}

function overdue(end: Outcome, latest: Phases['latest']): Outcome {
  if (end.type === 'dialFailed' && end.state === 'cancelled')
    return { ...end, state: latest === 'dns' ? 'hostLookupTimeout' : 'connectTimeout' };
  if (end.type === 'ended' && end.state === 'failed.aborted')
    return { ...end, state: 'failed.encHandshakeTimeout' };
  if (end.type === 'ended' && end.state === 'rejected.serverStopped')
    return { ...end, state: 'rejected.helloTimeout' };
  return end;
}
