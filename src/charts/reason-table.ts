/**
 * Tables of the outcomes of a machine: what each means and which Disconnect reason goes with it.
 * The Disconnect reasons are read from the commands to the link; only the metric names come from the tables of endings.
 */
import { DISCONNECT_CODES } from '../io/wire/disconnect.ts';
import { FAILURES, REFUSALS, REJECTIONS } from '../machines/connection/connection-endings.ts';
import type { ActionModel, ChartModel, Json, StateModel } from './chart-model.ts';
import { outcomeGroups, stateAt, transitionsOf } from './chart-reading.ts';
import { code, codeList } from './chart-words.ts';
import { heading, table } from './markdown.ts';

type Metrics = Readonly<Record<string, { readonly metric: string }>>;

/** Metric names, which are go-ethereum's, by machine and group. */
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
      codeList(eventsInto(model, path)),
      wireText(model, group, path),
      description,
      remedy,
      ...(metrics ? [metric === undefined ? '' : code(metric)] : []),
    ];
  });
  return [heading(3, code(group.path)), group.description, table(head, rows)];
}

/** The Disconnect code of an outcome, such as `0x04`, sent or received; empty if there is none. */
export function wireCode(model: ChartModel, group: StateModel, path: string): string {
  return /0x[0-9a-f]{2}/.exec(wireText(model, group, path))?.[0] ?? '';
}

function eventsInto(model: ChartModel, path: string): readonly string[] {
  return transitionsOf(model).flatMap(({ trigger, targets }) =>
    trigger.kind === 'event' && targets.includes(path) ? [trigger.name] : [],
  );
}

function wireText(model: ChartModel, group: StateModel, path: string): string {
  const leaf = stateAt(model, path);
  const incoming = transitionsOf(model).filter(({ targets }) => targets.includes(path));
  const actions = [...incoming.flatMap((one) => one.actions), ...group.entry, ...leaf.entry];
  const sent = commandsIn(actions, 'send.disconnect').map(({ reason }) => reason);
  if (sent.length > 0)
    return [...new Set(sent)].map((reason) => `we send ${reasonCode(reason)}`).join();
  // a chart sends `hang.up` without a Disconnect only after it received one
  if (commandsIn(actions, 'hang.up').length === 0) return 'nothing is sent';
  return `they sent ${reasonCode(leaf.key)}; nothing is sent`;
}

function commandsIn(actions: readonly ActionModel[], type: string) {
  return actions.map(({ params }) => fieldsOf(params)).filter((fields) => fields['type'] === type);
}

function fieldsOf(params: Json): Readonly<Record<string, Json>> {
  if (params === null || typeof params !== 'object' || Array.isArray(params)) return {};
  return params as Readonly<Record<string, Json>>;
}

/** `0x04 tooManyPeers`. */
function reasonCode(name: Json | undefined): string {
  const known = Object.entries(DISCONNECT_CODES).find(([reason]) => reason === name);
  if (!known) return 'any other code';
  return code(`0x${known[1].toString(16).padStart(2, '0')} ${known[0]}`);
}
