/** Positions of the boxes and arrows of a sketch, by ELK's layered algorithm. elkjs is needed at build time only. */
import elk, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js';

import { contentOf, labelSize } from './box-layout.ts';
import type { Sketch, SketchArrow, SketchBox } from './sketch.ts';
import { freeShift } from './word-place.ts';

export type Point = readonly [x: number, y: number];

export type Rectangle = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

export type Layout = {
  readonly width: number;
  readonly height: number;
  /** By path. */
  readonly boxes: ReadonlyMap<string, Rectangle>;
  /** In the order of the sketch. */
  readonly arrows: ReadonlyMap<SketchArrow, Route>;
  /** The start dots, by the path of the initial box each points to. */
  readonly starts: ReadonlyMap<string, Start>;
};

type Route = { readonly points: readonly Point[]; readonly label: Rectangle | null };

export type Start = { readonly dot: Point; readonly points: readonly Point[] };

/** Diameter of a start dot, in px. */
export const DOT = 10;

/** Between the border of a box and the boxes inside it, in px. */
const PADDING = 14;

/** Added to the width of a box whose texts lie under lines, in px; and the most layouts that are tried. */
const WIDENING = 24;
const MAX_PASSES = 8;

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.padding': '[top=4,left=4,bottom=4,right=4]',
  'elk.randomSeed': '1',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.spacing.nodeNode': '18',
  'elk.spacing.edgeNode': '12',
  'elk.spacing.edgeEdge': '9',
  'elk.spacing.edgeLabel': '3',
  'elk.spacing.componentComponent': '18',
  'elk.layered.spacing.nodeNodeBetweenLayers': '18',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
};

const engine = new elk.default();

/** Wider than that, in px, the regions of a state stand in several rows. */
const MAX_BESIDE = 1_300;

/** Rows of the regions in a state, by its path; one unless given. */
type Rows = ReadonlyMap<string, number>;

export async function layOut(sketch: Sketch): Promise<Layout> {
  const rows = new Map<string, number>();
  for (;;) {
    const layout = await layOutRows(sketch, rows);
    const widest = layout.width > MAX_BESIDE ? widestOf(sketch, layout, rows) : null;
    if (widest === null) return layout;
    rows.set(widest, (rows.get(widest) ?? 1) + 1);
  }
}

/** The widest state whose regions can stand in one row more. */
function widestOf({ boxes }: Sketch, layout: Layout, rows: Rows): string | null {
  const counts = new Map<string, number>();
  for (const { kind, parent } of boxes)
    if (kind === 'region' && parent !== null) counts.set(parent, (counts.get(parent) ?? 0) + 1);
  const [widest] = [...counts]
    .filter(([path, regions]) => (rows.get(path) ?? 1) < regions)
    .map(([path]) => path)
    .sort((one, other) => layout.boxes.get(other)!.width - layout.boxes.get(one)!.width);
  return widest ?? null;
}

async function layOutRows(sketch: Sketch, rows: Rows): Promise<Layout> {
  const extra = new Map<string, number>();
  for (let pass = 1; ; pass += 1) {
    const layout = await layOutWith(sketch, extra, rows);
    const tooNarrow = sketch.boxes.filter((box) => missingWidth(box, layout) > 0);
    if (tooNarrow.length === 0 || pass === MAX_PASSES) return layout;
    for (const box of tooNarrow)
      extra.set(box.path, (extra.get(box.path) ?? 0) + missingWidth(box, layout));
  }
}

/** Width that a box lacks, in px: ELK only considers the boxes inside it, not its own texts. */
function missingWidth(box: SketchBox, { boxes, arrows }: Layout): number {
  const place = boxes.get(box.path)!;
  const content = contentOf(box);
  if (content.width > place.width) return content.width - place.width;
  const lines = [...arrows.values()].map(({ points }) => points);
  return freeShift(place, content, lines) === null ? WIDENING : 0;
}

async function layOutWith(
  { boxes, arrows, initial }: Sketch,
  extra: ReadonlyMap<string, number>,
  rows: Rows,
): Promise<Layout> {
  const back = new Set(arrows.filter((arrow) => pointsBack(arrow, boxes)));
  const edges: ElkExtendedEdge[] = arrows.map((arrow, index) => ({
    id: arrowId(index),
    sources: [back.has(arrow) ? arrow.to : arrow.from],
    targets: [back.has(arrow) ? arrow.from : arrow.to],
    labels: labelsOf(arrow),
  }));
  const begin = (path: string | null): ElkNode[] => {
    if (path === null) return [];
    edges.push({ id: startId(path), sources: [dotId(path)], targets: [path] });
    return [{ id: dotId(path), width: DOT, height: DOT }];
  };
  const nodeOf = (box: SketchBox): ElkNode => {
    const { width, height } = contentOf(box);
    const inner = boxes.filter(({ parent }) => parent === box.path);
    if (inner.length === 0) return { id: box.path, width, height };
    const side = PADDING + (extra.get(box.path) ?? 0) / 2;
    edges.push(
      ...belowEachOther(
        inner.map(({ path }) => path),
        rows.get(box.path) ?? 1,
      ),
    );
    return {
      id: box.path,
      children: [...begin(box.initial), ...inner.map(nodeOf)],
      layoutOptions: {
        'elk.padding': `[top=${height + 6},left=${side},bottom=${PADDING},right=${side}]`,
      },
    };
  };
  const graph = await engine.layout({
    id: ROOT,
    children: [...begin(initial), ...boxes.filter(({ parent }) => parent === null).map(nodeOf)],
    edges,
    layoutOptions: OPTIONS,
  });
  return readLayout(graph, arrows, back);
}

/** Lines that are not drawn, from a box to the one below it: ELK puts what a line leads to into a later row. */
function belowEachOther(paths: readonly string[], rows: number): readonly ElkExtendedEdge[] {
  const beside = Math.ceil(paths.length / rows);
  return paths
    .slice(beside)
    .map((path, index) => ({ id: `order ${path}`, sources: [paths[index]!], targets: [path] }));
}

const ROOT = '(root)';
const arrowId = (index: number): string => `arrow ${index}`;
const startId = (path: string): string => `start ${path}`;
const dotId = (path: string): string => `dot ${path}`;

/**
 * True for an arrow to a state that is declared earlier. ELK gets such arrows reversed, because it may otherwise break a
 * cycle in the middle, and its own option for model order fails inside boxes.
 */
function pointsBack({ from, to }: SketchArrow, boxes: readonly SketchBox[]): boolean {
  const place = (end: string): number => boxes.findIndex(({ path }) => path === end);
  return place(from) >= 0 && place(to) >= 0 && place(from) > place(to);
}

function labelsOf({ lines }: SketchArrow) {
  if (lines.length === 0) return [];
  return [
    {
      text: lines.map(({ text }) => text).join('\n'),
      ...labelSize(lines),
      layoutOptions: { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' },
    },
  ];
}

function readLayout(
  graph: ElkNode,
  arrows: readonly SketchArrow[],
  back: ReadonlySet<SketchArrow>,
): Layout {
  const rectangles = rectanglesIn(graph, [0, 0]);
  const routes = new Map<string, Route>();
  for (const edge of edgesIn(graph)) {
    const { x, y } = rectangles.get((edge as { container?: string }).container ?? ROOT)!;
    const section = edge.sections?.[0];
    if (section === undefined) throw new Error(`ELK drew no line for ${edge.id}`);
    const bends = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
    const [label] = edge.labels ?? [];
    routes.set(edge.id, {
      points: bends.map((point): Point => [point.x + x, point.y + y]),
      label: label
        ? { x: label.x! + x, y: label.y! + y, width: label.width!, height: label.height! }
        : null,
    });
  }
  const starts = [...routes].flatMap(([id, { points }]): [string, Start][] => {
    if (!id.startsWith(startId(''))) return [];
    const path = id.slice(startId('').length);
    const { x, y } = rectangles.get(dotId(path))!;
    return [[path, { dot: [x + DOT / 2, y + DOT / 2], points }]];
  });
  return {
    width: graph.width!,
    height: graph.height!,
    boxes: new Map([...rectangles].filter(([id]) => id !== ROOT && !id.startsWith(dotId('')))),
    arrows: new Map(
      arrows.map((arrow, index) => {
        const route = routes.get(arrowId(index))!;
        const points = back.has(arrow) ? route.points.toReversed() : route.points;
        return [arrow, { ...route, points }];
      }),
    ),
    starts: new Map(starts),
  };
}

function rectanglesIn(node: ElkNode, [left, top]: Point): ReadonlyMap<string, Rectangle> {
  const { id, width = 0, height = 0, children = [] } = node;
  const [x, y] = [left + (node.x ?? 0), top + (node.y ?? 0)];
  return new Map([
    [id, { x, y, width, height }],
    ...children.flatMap((child) => [...rectanglesIn(child, [x, y])]),
  ]);
}

function edgesIn({ edges = [], children = [] }: ElkNode): readonly ElkExtendedEdge[] {
  return [...edges, ...children.flatMap(edgesIn)];
}
