/** What `crawl` shows: how far it is, and at its end a table of what it found. */
import { SUMMARY_COLUMNS, type Summary, type SummaryColumn } from '../crawl/crawl-summary.ts';
import type { CrawlProgress } from '../crawl/crawler.ts';
import { printable } from '../io/wire/printable.ts';
import type { SharedCounts } from './crawl-places.ts';

/** Values of a column that are shown; the others are counted together. Ours. */
const SHOWN = 10;

const count = (value: number): string => value.toLocaleString('en-US');

/** @param seconds Since it began. */
export function crawlLine(progress: CrawlProgress, seconds: number): string {
  const { visited, visiting, accepted, rejected, refused, failed } = progress;
  const rate = seconds > 0 ? (visited / seconds).toFixed(1) : '0.0';
  const found = Math.max(progress.added, visited + visiting);
  const ends = `${count(accepted)} accepted, ${count(rejected + refused)} refused or rejected, ${count(failed)} failed`;
  return `${count(visited)} of ${count(found)} nodes visited, ${count(visiting)} now: ${ends}; ${rate}/s, ${Math.round(seconds)} s`;
}

/** What a queue that is shared with other crawlers adds. */
export const sharedLine = ({ redelivered, duplicates, givenUp }: SharedCounts): string =>
  `shared with other crawlers: ${count(redelivered)} nodes had been given to another one before, ${count(duplicates)} were visited by another one too, ${count(givenUp)} were given up`;

/** The columns that have something, each with its most frequent values. */
export function summaryLines(summary: Summary): readonly string[] {
  return SUMMARY_COLUMNS.flatMap((name) => {
    const values = summary[name];
    if (values.length === 0) return [];
    const rows = shown(values);
    const width = Math.max(...rows.map(([value]) => value.length));
    return ['', name, ...rows.map(([value, nodes]) => `  ${value.padEnd(width)}  ${count(nodes)}`)];
  });
}

function shown(values: SummaryColumn): SummaryColumn {
  const rest = values.slice(SHOWN);
  const others = rest.reduce((sum, [, nodes]) => sum + nodes, 0);
  return [
    ...values.slice(0, SHOWN).map(([value, nodes]) => [printable(value), nodes] as const),
    ...(rest.length > 0 ? [[`${rest.length} others`, others] as const] : []),
  ];
}
