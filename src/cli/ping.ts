/** `peerchart ping`: one connection to one node, up to its Hello, and what became of it. */
import { pino } from 'pino';

import { systemClock } from '../io/actors/clock.ts';
import type { Enode } from '../io/crypto/enode.ts';
import { formatEnode } from '../io/crypto/enode.ts';
import { generateNodeKey } from '../io/crypto/node-key.ts';
import type { Ports } from '../options.ts';
import { Server } from '../server.ts';
import type { ServerEvent } from '../server-events.ts';
import { coloured, pingLine, plain } from './human-line.ts';
import type { PingFailed, PingReport, PingTry } from './report.ts';
import { pingAnswered, pingEnded, pingUndialled } from './report.ts';
import type { Terminal } from './terminal.ts';

export type PingOptions = {
  readonly json?: boolean;
  /** In seconds, for all of it; every step has a deadline of its own as well. */
  readonly timeout: number;
};

/** @returns 0 when they said Hello, whatever they said after it; 1 otherwise. */
export async function ping(
  enode: Enode,
  { json, timeout }: PingOptions,
  { stdout, stderr, signal, hasColours }: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  const clock = ports.clock ?? systemClock;
  await using server = new Server({
    nodeKey: generateNodeKey(),
    listen: null,
    maxPeers: 1,
    logger: pino({ level: 'error' }, stderr),
    ports,
  });
  await server.start();

  let surrender: Surrender = {};
  const giveUp = (how: Surrender): void => {
    surrender = how;
    void server.stop(); // whatever is under way reports its end
  };
  const onAbort = (): void => giveUp({ why: 'Interrupted.', hint: null });
  const timer = clock.setTimeout(
    () => giveUp({ why: `Gave up after ${timeout} s.` }),
    timeout * 1000,
  );
  signal.addEventListener('abort', onAbort);

  const events = server.events();
  const began = clock.now();
  server.addPeer(formatEnode(enode));
  if (signal.aborted) onAbort();
  const outcome = await firstOutcome(events, () => ({
    enode,
    ms: Math.round(clock.now() - began),
  }));

  clock.clearTimeout(timer);
  signal.removeEventListener('abort', onAbort);
  const report = outcome.type === 'ping.failed' ? { ...outcome, ...surrender } : outcome;
  const line = json ? JSON.stringify(report) : pingLine(report, hasColours ? coloured : plain);
  stdout.write(`${line}\n`);
  return report.type === 'ping.answered' ? 0 : 1;
}

/** What to say instead of the sentence of the chart when it was us who stopped waiting. */
type Surrender = Partial<Pick<PingFailed, 'why' | 'hint'>>;

/** The server ends after it has reported everything, so this ends too. */
async function firstOutcome(
  events: AsyncIterable<ServerEvent>,
  attempt: () => PingTry,
): Promise<PingReport> {
  for await (const event of events) {
    if (event.type === 'add') return pingAnswered(event.peer, attempt());
    if (event.type === 'ended') return pingEnded(event, attempt());
    if (event.type === 'dialFailed' && event.state !== 'setupFailed')
      return pingUndialled(event, attempt());
  }
  return pingUndialled({ state: 'cancelled', detail: '' }, attempt());
}
