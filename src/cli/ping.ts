/** `peerchart ping`: one connection to one node, up to its Hello, and what became of it. */

import type { Ports } from '../api/options.ts';
import type { Enode } from '../io/crypto/enode.ts';
import { coloured, pingLine, plain } from './human-line.ts';
import { type Probe, probe } from './probe.ts';
import type { PingFailed, PingReport, PingTry } from './report.ts';
import { pingAnswered, pingEnded, pingUndialled } from './report.ts';
import type { Terminal } from './terminal.ts';

export type PingOptions = {
  readonly json?: boolean;
  /** In seconds, until their Hello; every step has a deadline of its own as well. */
  readonly timeout: number;
};

/** @returns 0 when they said Hello, whatever they said after it; 1 otherwise. */
export async function ping(
  enode: Enode,
  { json, timeout }: PingOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  const { end, ms, surrender } = await probe({ enode, timeout, keepMs: 0 }, terminal, ports);
  const report = reportOf(end, { enode, ms });
  const told =
    report.type === 'ping.failed' && surrender
      ? { ...report, ...instead(surrender, timeout) }
      : report;
  const line = json ? JSON.stringify(told) : pingLine(told, terminal.hasColours ? coloured : plain);
  terminal.stdout.write(`${line}\n`);
  return report.type === 'ping.answered' ? 0 : 1;
}

function reportOf(end: Probe['end'], attempt: PingTry): PingReport {
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

/** What to say instead of the sentence of the chart when it was us who stopped waiting. */
const instead = (
  surrender: NonNullable<Probe['surrender']>,
  timeout: number,
): Partial<Pick<PingFailed, 'why' | 'hint'>> =>
  surrender === 'timeout'
    ? { why: `Gave up after ${timeout} s.` }
    : { why: 'Interrupted.', hint: null };
