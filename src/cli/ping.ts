/** `peerchart ping`: connects to one node up to its Hello, and reports the result. */

import type { Ports } from '../api/options.ts';
import type { Node } from '../io/crypto/node.ts';
import { pingLine } from './human-line.ts';
import { type Probe, probe } from './probe.ts';
import type { PingAttempt, PingFailed, PingReport } from './report.ts';
import { pingAnswered, pingEnded, pingUndialled } from './report.ts';
import type { Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';

export type PingOptions = {
  readonly json?: boolean;
  /** Longest wait for their Hello, in seconds; every step also has its own time limit. */
  readonly timeout: number;
};

/** @returns The exit code: 0 when a Hello was received, whatever followed; 1 otherwise. */
export async function ping(
  node: Node,
  { json, timeout }: PingOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  const { end, ms, gaveUp } = await probe({ node, timeout, keepMs: 0 }, terminal, ports);
  const report = reportOf(end, { node, ms });
  const shown =
    report.type === 'ping.failed' && gaveUp
      ? { ...report, ...givenUpText(gaveUp, timeout) }
      : report;
  const line = json
    ? timedJson(shown, terminal)
    : timedLines((paint) => pingLine(shown, paint), terminal);
  terminal.stdout.write(`${line}\n`);
  return report.type === 'ping.answered' ? 0 : 1;
}

function reportOf(end: Probe['end'], attempt: PingAttempt): PingReport {
  switch (end.type) {
    case 'kept':
    case 'drop':
      return pingAnswered(end.peer, attempt);
    case 'ended':
      return pingEnded(end, attempt);
    case 'dialFailed':
      return pingUndialled(end, attempt);
  }
}

/** Replaces the sentence of the chart when we stopped waiting. */
const givenUpText = (
  gaveUp: NonNullable<Probe['gaveUp']>,
  timeout: number,
): Partial<Pick<PingFailed, 'why' | 'hint'>> =>
  gaveUp === 'timeout'
    ? { why: `Gave up after ${timeout} s.` }
    : { why: 'Interrupted.', hint: null };
