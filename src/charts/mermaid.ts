/**
 * A chart model as Mermaid text (`stateDiagram-v2`). Outcome groups are single boxes; the tables list the outcomes.
 * Ids consist of letters, digits and underscores; labels contain no character with a meaning in Mermaid.
 */
import type { ChartModel, StateModel, TransitionModel } from './chart-model.ts';
import {
  ancestorsOf,
  destinationsOf,
  grouped,
  groupOf,
  isOutcomeGroup,
  rootOf,
  stateAt,
  transitionsOf,
} from './chart-reading.ts';
import { conditionWords, shortDuration } from './chart-words.ts';

/** From this many events of one family on, an arrow shows `11 reject events`. Our choice. */
const MIN_FAMILY = 4;

/** Prefix of the ids of pseudo states. */
const ANY = 'any_';

/** Borders only: the theme, light or dark, sets the fill. */
const CLASSES = {
  outcomes: 'stroke:#c0392b,stroke-width:2px,stroke-dasharray:6 3',
  ending: 'stroke-width:4px',
} as const;

export function mermaid(model: ChartModel): string {
  const root = rootOf(model);
  const edges = edgesOf(model);
  const lines = [
    'direction TB',
    ...anyStates(model, edges), // first, so that Mermaid lays out the others around them
    ...(root.type === 'parallel' // regions are not allowed at the top level
      ? block(`state "${label(model.id)}" as ${idOf(root.path)}`, inside(model, root))
      : inside(model, root)),
    ...edges.filter(({ from }) => !from.startsWith(ANY)).map(edgeLine),
    ...marks(model),
  ];
  return ['stateDiagram-v2', ...indent(lines)].join('\n');
}

const idOf = (path: string): string => `s_${path.replace(/[^A-Za-z0-9]/g, '_')}`;

/** Pseudo state where arrows of a compound state into itself start: Mermaid draws them wrongly from the border. */
const anyIdOf = (path: string): string => `${ANY}${idOf(path)}`;

/** A no-break space keeps a number and its unit together when Mermaid wraps the label. */
const label = (text: string): string =>
  text
    .replaceAll('*', '…')
    .replace(/[^\p{L}\p{N} ._,()[\]/→…-]/gu, ' ')
    .replace(/ +/g, ' ')
    .replace(/(\d) (m?s)\b/g, '$1\u00a0$2')
    .trim();

const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

const block = (head: string, body: readonly string[]): readonly string[] => [
  `${head} {`,
  ...indent(body),
  '}',
];

function inside(model: ChartModel, { type, children, initial }: StateModel): readonly string[] {
  const regions = children.map((path) => drawn(model, stateAt(model, path)));
  if (type === 'parallel')
    return regions.flatMap((lines, index) => (index === 0 ? lines : ['--', ...lines]));
  return [...(initial === null ? [] : [`[*] --> ${idOf(initial)}`]), ...regions.flat()];
}

function drawn(model: ChartModel, state: StateModel): readonly string[] {
  const head = `state "${label(state.key)}" as ${idOf(state.path)}`;
  if (isOutcomeGroup(model, state))
    return [head, `${idOf(state.path)} : ${state.children.length} reasons, listed below`];
  if (state.children.length > 0) return block(head, inside(model, state));
  if (state.invokes.length === 0) return [head];
  return [head, `${idOf(state.path)} : runs ${label(state.invokes.join(', '))}`];
}

function marks(model: ChartModel): readonly string[] {
  const groups = model.states.filter((state) => isOutcomeGroup(model, state));
  const endings = model.states.filter(({ type }) => type === 'final');
  const marked = (name: keyof typeof CLASSES, states: readonly StateModel[]) =>
    states.length === 0
      ? []
      : [
          `classDef ${name} ${CLASSES[name]}`,
          `class ${states.map(({ path }) => idOf(path)).join(',')} ${name}`,
        ];
  return [...marked('outcomes', groups), ...marked('ending', endings)];
}

/** All transitions between the same two boxes share one arrow. */
type Edge = { readonly from: string; readonly to: string; readonly lines: string[] };

function edgesOf(model: ChartModel): readonly Edge[] {
  const edges = new Map<string, Edge>();
  for (const transition of transitionsOf(model)) {
    // the raised event already has an arrow from `any state`
    if (transition.source === '' && transition.targets.length === 0) continue;
    for (const { path } of destinationsOf(model, transition)) {
      const { from, to, text } = arrow(model, transition, path);
      const edge = edges.get(`${from} ${to}`) ?? { from, to, lines: [] };
      if (!edge.lines.includes(text)) edge.lines.push(text);
      edges.set(`${from} ${to}`, edge);
    }
  }
  return [...edges.values()];
}

function arrow(model: ChartModel, transition: TransitionModel, path: string) {
  const target = stateAt(model, path);
  const box = groupOf(model, target) ?? target;
  const isInward = [box, ...ancestorsOf(model, box)].some(
    (state) => state.path === transition.source && state.children.length > 0,
  );
  const { trigger } = transition;
  const hasOutcomeName = trigger.kind === 'after' && trigger.delay === target.key && box !== target;
  const text = hasOutcomeName ? `after ${shortDuration(trigger.ms)}` : conditionWords(transition);
  // an event named after its outcome needs no further text
  const isPlain = box === target || text.endsWith(`.${target.key}`);
  return {
    from: isInward ? anyIdOf(transition.source) : idOf(transition.source),
    to: idOf(box.path),
    text: label(isPlain ? text : `${text} → ${target.key}`),
  };
}

function edgeLine({ from, to, lines }: Edge): string {
  return `${from} --> ${to} : ${inFamilies(lines).join('<br/>')}`;
}

function anyStates(model: ChartModel, edges: readonly Edge[]): readonly string[] {
  return model.states.flatMap(({ path, key }) => {
    const own = edges.filter(({ from }) => from === anyIdOf(path));
    const name = path === '' ? 'any state' : `any state of ${label(key)}`;
    return own.length === 0 ? [] : [`state "${name}" as ${anyIdOf(path)}`, ...own.map(edgeLine)];
  });
}

/** `reject.self` and ten more become `11 reject events`. */
function inFamilies(lines: readonly string[]): readonly string[] {
  const families = grouped(lines, (line) => /^(\w+)\.\w+$/.exec(line)?.[1] ?? line);
  return [...families].flatMap(([family, members]) =>
    members.length < MIN_FAMILY ? members : [`${members.length} ${family} events`],
  );
}
