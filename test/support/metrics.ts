/** One scrape, short enough to compare. */
import type { MetricsRegistry } from '../../src/api/options.ts';

/** By name without `peerchart_p2p_` and `_total`, and by the values of its labels: `dial_errors known`. */
export type Scrape = Readonly<Record<string, number>>;

export async function scrape(registry: MetricsRegistry): Promise<Scrape> {
  const metrics = await registry.getMetricsAsJSON();
  return Object.fromEntries(
    metrics.flatMap(({ name, values }) =>
      values.map(({ labels, value }) => {
        const short = name.replace(/^peerchart_p2p_/, '').replace(/_total$/, '');
        return [[short, ...Object.values(labels)].join(' '), value];
      }),
    ),
  );
}

/** Non-zero values of the metrics with this prefix. */
export function countedOf(scraped: Scrape, prefix: string): Scrape {
  return Object.fromEntries(
    Object.entries(scraped).filter(([key, value]) => key.startsWith(prefix) && value !== 0),
  );
}
