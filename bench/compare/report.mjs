/** Samples as tables: medians, spread and ratios, in Markdown and in JSON, with versions and the load of the machine. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, totalmem } from 'node:os';

const load = createRequire(import.meta.url);

/** Direct dependencies whose versions move the figures. */
const PACKAGES = [
  '@ethereumjs/devp2p',
  '@noble/ciphers',
  '@noble/hashes',
  '@noble/secp256k1',
  'secp256k1',
  'snappy',
  'xstate',
];

/**
 * One table: `samples[row][column]` are figures of one run each, in the same order of rounds in every row.
 * `columns` says whether more or less is better. `base` is the name or the number of the row that others are compared
 * with: without it the one called `peerchart`; null compares nothing.
 */
export function markdownOf({ title, columns, samples, base }) {
  const rows = Object.keys(samples);
  const baseRow = typeof base === 'number' ? rows[base] : base === undefined ? 'peerchart' : null;
  const names = Object.keys(columns);
  const cell = (row, column) => {
    const figures = samples[row][column];
    if (!figures) return '';
    const ratio =
      row === baseRow ? null : ratioOf(samples[baseRow]?.[column], figures, columns, column, base);
    return `${withSpread(figures)}${ratio === null ? '' : ` (${digits(ratio)} ×)`}`;
  };
  return [
    `### ${title}`,
    '',
    `| | ${names.join(' | ')} |`,
    `|---|${names.map(() => '---:|').join('')}`,
    ...rows.map((row) => `| ${row} | ${names.map((column) => cell(row, column)).join(' | ')} |`),
    '',
  ].join('\n');
}

/** A further figure of one row and column. */
export function addSample(samples, row, column, value) {
  samples[row] ??= {};
  samples[row][column] ??= [];
  samples[row][column].push(value);
}

export const READING = `Each figure is the median of its rounds, with the largest distance from it in %. In brackets: how many times better
peerchart is in that round, and in the table of growth, how many times the figure of the first row it is.`;

/** Medians of ratios, round by round: both had the same noise. */
function ratioOf(ours, theirs, columns, column, base) {
  if (!ours) return null;
  const isGrowth = typeof base === 'number';
  const ratios = theirs.map((figure, round) => {
    const own = ours[round] ?? median(ours);
    if (isGrowth) return figure / own;
    return columns[column] === 'more' ? own / figure : figure / own;
  });
  const ratio = median(ratios);
  return ratio > 0 ? ratio : null; // memory may shrink
}

function withSpread(figures) {
  const middle = median(figures);
  const furthest = Math.max(...figures.map((figure) => Math.abs(figure - middle)));
  const spread =
    figures.length > 1 ? ` ± ${Math.round((100 * furthest) / Math.abs(middle || 1))} %` : '';
  return `${digits(middle)}${spread}`;
}

export function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Three digits that matter. */
function digits(figure) {
  if (Math.abs(figure) >= 1_000) return Math.round(figure).toLocaleString('en');
  return String(Number(figure.toPrecision(3)));
}

/** The machine and the versions of everything. `versions` are those that the sides reported. */
export function circumstances(versions) {
  const [{ model }] = cpus();
  return {
    at: new Date().toISOString().slice(0, 16),
    machine: `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    load: loadavg().map((one) => Number(one.toFixed(2))),
    node: process.versions.node,
    openssl: process.versions.openssl,
    ...versions,
    peerchart: load('../../package.json').version,
    'go-ethereum': gethVersion(),
    packages: Object.fromEntries(
      PACKAGES.map((name) => [name, versionOf(name)]).filter(([, version]) => version !== null),
    ),
  };
}

/** Where Node would look for it; what is not installed has none. */
function versionOf(name) {
  for (const folder of load.resolve.paths(name))
    try {
      return load(`${folder}/${name}/package.json`).version;
    } catch {} // the next folder
  return null;
}

function gethVersion() {
  const mod = readFileSync(new URL('../../test/interop/geth-peer/go.mod', import.meta.url), 'utf8');
  return /go-ethereum v([\d.]+)/.exec(mod)?.[1];
}
