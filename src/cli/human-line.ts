/**
 * Formats reports as short lines for people. Pure: the caller gives the colours. Every text of a report is escaped here, in
 * whatever way it came into it, before colours are added.
 */
import { styleText } from 'node:util';

import type { Explained } from '../api/server-events.ts';
import { printableStrings } from '../io/wire/printable.ts';
import type { ConnectionEnded, PingFailed, PingReport, RunReport } from './report.ts';
import { sentenceOf } from './sentences.ts';

export type Paint = (colour: 'green' | 'red' | 'yellow' | 'dim' | 'bold', text: string) => string;

/** For a terminal that shows colours. */
export const coloured: Paint = (colour, text) => styleText(colour, text, { validateStream: false });
export const plain: Paint = (_, text) => text;

/** The first line of the demo. */
const SIMULATED = 'This network is simulated in this process; no real node is contacted.';

/** Behind each link to an inspector. */
export const LINK_HINT = '(single use, expires in 60 s)';

/** Hex digits of a node id in a line. */
const SHORT_ID_CHARS = 8;

/** Null when another line says the same. */
export function runLine(given: RunReport, paint: Paint): string | null {
  const report = printableStrings(given);
  switch (report.type) {
    case 'started':
      return [
        ...(report.simulated ? [SIMULATED] : []),
        paint('bold', report.enode),
        report.listening === null ? 'not listening' : `listening on ${report.listening}`,
        ...(report.inspect === undefined ? [] : [`inspector: ${linkOf(paint, report.inspect)}`]),
        ...(report.metrics === undefined ? [] : [`metrics: ${report.metrics}`]),
        ...[report.ipc, report.http, report.ws]
          .flatMap((at) => at ?? [])
          .map((at) => `admin API: ${at}`),
      ].join('\n');
    case 'inspect.link':
      return `new inspector link: ${linkOf(paint, report.link)}`;
    case 'peer.added': {
      const { id, client, protocols, direction, remote } = report;
      const speaks = protocols.length > 0 ? protocols.join(' ') : 'no shared protocol';
      return `${paint('green', '+')} ${short(id)} ${direction} ${remote} ${quoted(client)} ${speaks}`;
    }
    case 'peer.dropped':
      return `${paint('red', '-')} ${short(report.id)} ${verdictOf(report)} ${place(paint, report.state)}`;
    case 'connection.ended':
      return `${paint('yellow', '!')} ${whose(report)} ${verdictOf(report)} ${path(paint, report)}`;
    case 'dial.failed': {
      const { id, address, state } = report;
      if (state === 'setupFailed') return null;
      return `${paint('yellow', '!')} ${short(id)} dial ${address} ${verdictOf(report)} ${place(paint, state)}`;
    }
    case 'static.heldBack':
      return `${paint('yellow', '!')} ${verdictOf(report)} ${report.explanation.remedy}`;
    case 'message':
      return `  ${short(report.peer)} ${report.kind} ${quoted(report.text)}`;
    case 'part.lost': {
      const { part, message, retryInMs } = report;
      const again = retryInMs === null ? '' : `, retry in ${retryInMs / 1_000} s`;
      return `${paint('red', '!')} the ${part} failed, the rest continues: ${message}${again}`;
    }
    case 'part.restored':
      return `${paint('green', '!')} the ${report.part} works again: ${report.address}`;
    case 'reports.lost':
      return paint('dim', `… ${report.count} more not shown`);
    case 'stopping':
      return 'Stopping; press Ctrl-C again to force';
    case 'stopped':
      return 'stopped';
  }
}

export function pingLine(given: PingReport, paint: Paint): string {
  const report = printableStrings(given);
  if (report.type === 'ping.failed') return failureLine(report, paint);
  const { client, id, address, capabilities, ms } = report;
  return [
    `${paint('green', 'Hello')} from ${quoted(client)}`,
    `  id            ${id}`,
    `  address       ${address}`,
    `  capabilities  ${capabilities.join(' ') || 'none'}`,
    `  round trip    ${ms} ms`,
  ].join('\n');
}

function failureLine(report: PingFailed, paint: Paint): string {
  const { address, why, hint, state, during } = report;
  const gaveUp = why === sentenceOf(state) ? '' : `${why} `;
  const where = during === null ? place(paint, state) : path(paint, { during, state });
  const said = hint === null ? why : `${gaveUp}${verdictOf(report)} Hint: ${hint}`;
  return `${paint('red', 'No Hello')} from ${address}: ${said} ${where}`;
}

const verdictOf = ({ explanation }: Explained): string => explanation.verdict;

const whose = ({ id, direction, remote }: ConnectionEnded): string =>
  `${id === undefined ? '' : `${short(id)} `}${direction} ${remote}`;

const place = (paint: Paint, state: string): string => paint('dim', `[${state}]`);

const path = (paint: Paint, { during, state }: Pick<ConnectionEnded, 'during' | 'state'>): string =>
  place(paint, `${during} → ${state}`);

const linkOf = (paint: Paint, link: string): string =>
  `${paint('bold', link)} ${paint('dim', LINK_HINT)}`;

const short = (id: string): string => id.slice(0, SHORT_ID_CHARS);

const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;
