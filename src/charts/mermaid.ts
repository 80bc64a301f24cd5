/**
 * A chart model as Mermaid text (`stateDiagram-v2`). It draws what happens, and leaves outcomes to the tables.
 * Ids are letters, digits and underscores; a label never holds a character that means something to Mermaid.
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
import { conditionWords, shortly } from './chart-words.ts';

/** This many events of one family on one arrow are written as `11 reject events`. Ours. */
const MIN_FAMILY = 4;

/** Where the names of pseudo states begin. */
const ANY = 'any_';

/** Borders only: the fill belongs to the theme, light or dark. */
const CLASSES = {
  outcomes: 'stroke:#c0392b,stroke-width:2px,stroke-dasharray:6 3',
  ending: 'stroke-width:4px',
} as const;

export function mermaid(model: ChartModel): string {
  const root = rootOf(model);
  const edges = edgesOf(model);
  const lines = [
    'direction TB',
    ...anyStates(model, edges), // first: what comes later is laid out around them
    ...(root.type === 'parallel' // regions are not allowed at the top level
      ? block(`state "${label(model.id)}" as ${idOf(root.path)}`, inside(model, root))
      : inside(model, root)),
    ...edges.filter(({ from }) => !from.startsWith(ANY)).map(edgeLine),
    ...marks(model),
  ];
  return ['stateDiagram-v2', ...indent(lines)].join('\n');
}

const idOf = (path: string): string => `s_${path.replace(/[^A-Za-z0-9]/g, '_')}`;

/** Where the arrows of a composite into itself start: Mermaid draws them wrongly from its border. */
const anyIdOf = (path: string): string => `${ANY}${idOf(path)}`;

/** Keeps numbers and their units on one line, where Mermaid breaks long labels. */
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
    // the raised event is drawn from `any state` as well, and says the same
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
  const isNamesake = trigger.kind === 'after' && trigger.delay === target.key && box !== target;
  const words = isNamesake ? `after ${shortly(trigger.ms)}` : conditionWords(transition);
  // an event named like the outcome it leads to says enough
  const isPlain = box === target || words.endsWith(`.${target.key}`);
  return {
    from: isInward ? anyIdOf(transition.source) : idOf(transition.source),
    to: idOf(box.path),
    text: label(isPlain ? words : `${words} → ${target.key}`),
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
