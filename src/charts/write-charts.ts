/**
 * `npm run charts`: writes docs/statecharts. For each machine in src/machines: a page, an SVG, and the geometry of that
 * SVG as JSON; and one index. With `--check` it writes nothing and exits with 1 when a file is stale.
 * The only file of the chart kit that reads or writes files.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AnyStateMachine, StateMachine } from 'xstate';

import { chartModel } from './chart-model.ts';
import { type DocumentedMachine, indexPage, machinePage } from './page.ts';
import { pictureOf } from './picture.ts';
import { svg } from './svg.ts';

const SOURCES = new URL('../../src/machines/', import.meta.url);
const PAGES = new URL('../../docs/statecharts/', import.meta.url);

/** Files that this program writes and deletes; it leaves others in the folder alone. */
const GENERATED = /\.(md|svg|json)$/;

/** Notes of a header that only concern the source file. */
const FILE_NOTES =
  / ?\b(?:(?:Chart:|Drawn in) docs\/statecharts\/[\w-]+\.md\.?|Longer than \d+ lines[^.]*\.)/g;

/** File name → text, in the order of the index. */
export type Pages = ReadonlyMap<string, string>;

/** Every machine that a file in src/machines or in one of its folders exports, sorted by file name. */
export async function readMachines(): Promise<readonly DocumentedMachine[]> {
  const files = (await readdir(SOURCES, { recursive: true }))
    .filter((file) => file.endsWith('.ts'))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
  return (await Promise.all(files.map(machinesIn))).flat();
}

export async function generatePages(): Promise<Pages> {
  const machines = await readMachines();
  const files = await Promise.all(machines.map(filesOf));
  return new Map([['README.md', indexPage(machines)], ...files.flat()]);
}

async function filesOf(
  machine: DocumentedMachine,
): Promise<readonly (readonly [string, string])[]> {
  const { id } = machine.model;
  const picture = await pictureOf(machine.model);
  return [
    [`${id}.md`, machinePage(machine)],
    [`${id}.svg`, svg(picture)],
    [`${id}.json`, `${JSON.stringify(picture)}\n`],
  ];
}

/** Names of the files that are missing, differ, or belong to a machine that no longer exists. */
export async function stalePages(pages: Pages, folder: URL = PAGES): Promise<readonly string[]> {
  const written = await readPages(folder);
  const names = new Set([...pages.keys(), ...written.keys()]);
  return [...names].filter((name) => pages.get(name) !== written.get(name)).sort();
}

/** Writes the stale files, deletes those of removed machines. @returns The names of both. */
export async function writePages(pages: Pages, folder: URL = PAGES): Promise<readonly string[]> {
  const stale = await stalePages(pages, folder);
  await mkdir(folder, { recursive: true });
  for (const name of stale) {
    const text = pages.get(name);
    if (text === undefined) await rm(new URL(name, folder));
    else await writeFile(new URL(name, folder), text);
  }
  return stale;
}

/** The header of a machine's file as one line, without its notes about the chart page and the length of the file. */
export function purposeIn(source: string): string {
  const header = /^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1] ?? '';
  const text = header
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s*/, '').trimEnd())
    .filter((line) => line !== '')
    .join(' ');
  return text.replace(FILE_NOTES, '').trim();
}

async function machinesIn(file: string): Promise<readonly DocumentedMachine[]> {
  // the test runner imports the sources, `npm run charts` the compiled files beside this one
  const runnable = import.meta.url.endsWith('.ts') ? file : file.replace(/\.ts$/, '.js');
  const url = new URL(`../machines/${runnable}`, import.meta.url);
  const exported: Readonly<Record<string, unknown>> = await import(url.href);
  const machines = Object.values(exported).filter(isMachine);
  if (machines.length === 0) return [];
  const header = purposeIn(await readFile(new URL(file, SOURCES), 'utf8'));
  return machines.map((machine) => {
    const model = chartModel(machine);
    return { model, file, purpose: model.description || header };
  });
}

const isMachine = (value: unknown): value is AnyStateMachine => value instanceof StateMachine;

async function readPages(folder: URL): Promise<Pages> {
  const names = await readdir(folder).catch(() => []); // the folder does not exist yet
  const pages = names
    .filter((name) => GENERATED.test(name))
    .map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')] as const);
  return new Map(await Promise.all(pages));
}

async function main(isCheck: boolean): Promise<void> {
  const pages = await generatePages();
  const stale = isCheck ? await stalePages(pages) : await writePages(pages);
  for (const name of stale)
    process.stdout.write(`${isCheck ? 'stale' : 'updated'}: docs/statecharts/${name}\n`);
  if (isCheck && stale.length > 0) {
    process.stdout.write('run `npm run charts`\n');
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await main(process.argv.includes('--check'));
