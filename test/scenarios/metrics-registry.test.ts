/** The registry that holds the metrics of a server, and their names. */
import { readFileSync } from 'node:fs';
import { Gauge, type OpenMetricsContentType, Registry, register } from 'prom-client';
import { describe, expect, test } from 'vitest';
import type { MetricsRegistry } from '../../src/api/options.ts';
import { Server } from '../../src/server.ts';
import { scrape } from '../support/metrics.ts';
import { keyOf, meet } from '../support/world.ts';

describe('the registry', () => {
  const make = (seed: number, metrics?: MetricsRegistry) =>
    new Server({ nodeKey: keyOf(seed), listen: null, ...(metrics && { metrics }) });

  test('is a separate one for each server, never the global one', async () => {
    const [a, b] = [make(1), make(2)];
    expect(a.metrics).not.toBe(b.metrics);
    expect(await a.metrics.metrics()).toContain('\npeerchart_p2p_peers{direction="inbound"} 0\n');
    expect(register.getMetricsAsArray()).toEqual([]);
  });

  test('is the given one, whose other metrics stay', async () => {
    const given = new Registry();
    new Gauge({ name: 'theirs', help: 'not ours', registers: [given] });
    const server = make(1, given);
    expect(server.metrics).toBe(given);
    expect(await scrape(given)).toMatchObject({ theirs: 0, serves: 0 });
  });

  test('may use the OpenMetrics format', async () => {
    const given = new Registry<OpenMetricsContentType>();
    given.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    expect(await make(1, given).metrics.metrics()).toMatch(/\npeerchart_p2p_serves_total 0\n/);
  });

  test('serves one server at a time, and another one after its stop', async () => {
    const given = new Registry();
    const { world, a, b } = await meet({ a: { metrics: given } });
    expect(() => make(3, given)).toThrow(
      new TypeError(
        '"metrics" already has peerchart_p2p_peers: a registry serves one server at a time, so give each server its own',
      ),
    );
    expect(await scrape(given)).toMatchObject({ 'peers outbound': 1 });
    await world.stop(a, b);
    expect(await scrape(given)).toMatchObject({ dial_successes: 1 });
    expect(await scrape(make(3, given).metrics)).toMatchObject({ dial_successes: 0 });
    await world.end();
  });

  test('with a foreign metric of the same name is refused and not changed', () => {
    const given = new Registry();
    new Gauge({ name: 'peerchart_p2p_dials_total', help: 'not ours', registers: [given] });
    expect(() => make(1, given)).toThrow(TypeError);
    expect(given.getMetricsAsArray()).toHaveLength(1);
  });

  test('must be a registry', () => {
    expect(() => make(1, {} as Registry)).toThrow(
      new TypeError('"metrics" expected a prom-client registry, got Object'),
    );
  });

  test('has the metrics that docs/metrics.md lists, and no others', async () => {
    const docs = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    const listed = [...docs.matchAll(/^\| `(peerchart_\w+)` \| ([^|]*)\|/gm)].map(
      ([, name, labels]) => [name, labels!.replaceAll('`', '').trim()],
    );
    const { metrics } = make(1);
    const there = metrics.getMetricsAsArray().map((metric) => {
      const { name, labelNames } = metric as typeof metric & { labelNames: string[] };
      return [name, labelNames.join(', ')];
    });
    expect(there).toEqual(listed);
  });
});
