/** The log of events as comma-separated values, for spreadsheets (RFC 4180). */

import type { ActorStep } from '../model/entities.ts';
import type { Store } from '../model/store.ts';

const COLUMNS = ['ms', 'time', 'actor', 'machine', 'remote', 'event', 'state', 'transitions'];

/** Text that a spreadsheet would run as a formula: peers choose some of it. */
const FORMULA = /^[=+\-@\t\r]/;

/** @param steps Oldest first. @param timeOf Converts ms since the recorder started to wall-clock time. */
export function csvOf(
  { actors }: Store,
  steps: readonly ActorStep[],
  timeOf: (t: number) => string,
): string {
  const lines = steps.map(({ actor, at, event, state, transitions }) => {
    const { id = '', machine = '', row } = actors.get(actor) ?? {};
    const remote = row && 'remote' in row ? String(row.remote) : '';
    const taken = transitions.map(({ source, event: by, target }) =>
      `${source} ${by} ${target}`.trim(),
    );
    return [at.toFixed(1), timeOf(at), id, machine, remote, event, state, taken.join('; ')];
  });
  return [COLUMNS, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
