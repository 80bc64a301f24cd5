/** docs/grafana.json shows metrics and labels that exist, and leaves none out. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Server } from '../../src/server.ts';
import { keyOf } from '../support/world.ts';

type Panel = {
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
};

const dashboard = JSON.parse(
  readFileSync(new URL('../../docs/grafana.json', import.meta.url), 'utf8'),
) as { readonly panels: readonly Panel[]; readonly templating: { list: { query: string }[] } };

const labelsOf = new Map(
  new Server({ nodeKey: keyOf(1), listen: null }).metrics.getMetricsAsArray().map((metric) => {
    const { name, labelNames } = metric as typeof metric & { labelNames: string[] };
    return [name, labelNames] as const;
  }),
);

/** What Prometheus adds to every metric, and to the buckets of a histogram. */
const OTHER_LABELS = ['instance', 'le'];

/** A histogram has three series. */
const familyOf = (name: string): string => name.replace(/_(?:bucket|sum|count)$/, '');

const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(/peerchart_\w+/g)].map(([name]) => familyOf(name));

const targets = dashboard.panels.flatMap(({ targets: all }) => all);

test('every query of the dashboard names a metric that exists, and only its labels', () => {
  expect(targets.length).toBeGreaterThan(10);
  for (const { expr, legendFormat } of targets) {
    const [name, ...more] = namesIn(expr);
    expect(labelsOf.has(name!), expr).toBe(true);
    expect(more).toEqual([]);
    const used = [
      ...[...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(', ')),
      ...[...expr.matchAll(/[{,]\s*(\w+)=~?"/g)].map(([, label]) => label!),
      ...[...legendFormat.matchAll(/{{(\w+)}}/g)].map(([, label]) => label!),
    ];
    for (const label of used) expect([...labelsOf.get(name!)!, ...OTHER_LABELS]).toContain(label);
  }
});

test('every metric is on the dashboard', () => {
  const shown = new Set(targets.flatMap(({ expr }) => namesIn(expr)));
  expect([...labelsOf.keys()].filter((name) => !shown.has(name))).toEqual([]);
});

test('the list of nodes comes from a metric that exists; no panel lies on another one', () => {
  expect(namesIn(dashboard.templating.list[1]!.query).every((name) => labelsOf.has(name))).toBe(
    true,
  );
  const places = dashboard.panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
  expect(new Set(places).size).toBe(places.length);
  for (const { title, description } of dashboard.panels)
    expect([title, description]).not.toContain('');
});
