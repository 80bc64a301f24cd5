/**
 * The outcomes of a machine in tables: what each means and which word it puts on the wire.
 * The words are read from what the machine tells its link; only the metrics come from the tables of endings.
 */
import { DISCONNECT_CODES } from '../io/wire/disconnect.ts';
import { FAILURES, REFUSALS, REJECTIONS } from '../machines/connection/connection-endings.ts';
import type { ActionModel, ChartModel, Json, StateModel } from './chart-model.ts';
import { outcomeGroups, stateAt, transitionsOf } from './chart-reading.ts';
import { code, listed } from './chart-words.ts';
import { heading, table } from './markdown.ts';

type Metrics = Readonly<Record<string, { readonly metric: string }>>;

/** Names of go-ethereum's buckets, by machine and group. */
const METRICS: Readonly<Record<string, Readonly<Record<string, Metrics>>>> = {
  'connection-setup': { rejected: REJECTIONS, refused: REFUSALS, failed: FAILURES },
};

/** Empty when the machine has no group of outcomes. */
export function reasonTables(model: ChartModel): readonly string[] {
  const groups = outcomeGroups(model);
  if (groups.length === 0) return [];
  return [heading(2, 'Reasons'), ...groups.flatMap((group) => groupTable(model, group))];
}

function groupTable(model: ChartModel, group: StateModel): readonly string[] {
  const metrics = METRICS[model.id]?.[group.path];
  const head = ['State', 'Event', 'On the wire', 'What it means', 'What you can do'];
  if (metrics) head.push('Metric');
  const rows = group.children.map((path) => {
    const { key, description, remedy } = stateAt(model, path);
    const metric = metrics?.[key]?.metric;
    return [
      code(key),
      listed(eventsInto(model, path)),
      wireWords(model, group, path),
      description,
      remedy,
      ...(metrics ? [metric === undefined ? '' : code(metric)] : []),
    ];
  });
  return [heading(3, code(group.path)), group.description, table(head, rows)];
}

/** The number of the Disconnect that goes with an outcome, such as `0x04`, in either direction; empty if none does. */
export function wireCode(model: ChartModel, group: StateModel, path: string): string {
  return /0x[0-9a-f]{2}/.exec(wireWords(model, group, path))?.[0] ?? '';
}

function eventsInto(model: ChartModel, path: string): readonly string[] {
  return transitionsOf(model).flatMap(({ trigger, targets }) =>
    trigger.kind === 'event' && targets.includes(path) ? [trigger.name] : [],
  );
}

function wireWords(model: ChartModel, group: StateModel, path: string): string {
  const leaf = stateAt(model, path);
  const into = transitionsOf(model).filter(({ targets }) => targets.includes(path));
  const actions = [...into.flatMap((one) => one.actions), ...group.entry, ...leaf.entry];
  const spoken = commandsIn(actions, 'send.disconnect').map(({ reason }) => reason);
  if (spoken.length > 0) return [...new Set(spoken)].map((word) => `we send ${coded(word)}`).join();
  // the link hangs up without a word only where a Disconnect of theirs has come
  if (commandsIn(actions, 'hang.up').length === 0) return 'nothing is sent';
  return `they sent ${coded(leaf.key)}; nothing is sent`;
}

function commandsIn(actions: readonly ActionModel[], type: string) {
  return actions.map(({ params }) => fieldsOf(params)).filter(({ type: word }) => word === type);
}

function fieldsOf(params: Json): Readonly<Record<string, Json>> {
  if (params === null || typeof params !== 'object' || Array.isArray(params)) return {};
  return params as Readonly<Record<string, Json>>;
}

/** `0x04 tooManyPeers`. */
function coded(word: Json | undefined): string {
  const known = Object.entries(DISCONNECT_CODES).find(([reason]) => reason === word);
  if (!known) return 'any other code';
  return code(`0x${known[1].toString(16).padStart(2, '0')} ${known[0]}`);
}
