/**
 * `npm run charts`: writes docs/statecharts: for each machine in src/machines a page, a picture, and the places of
 * everything in it as JSON; and an index. With `--check` it writes nothing and fails when a file is stale.
 * The only impure file of the chart kit.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AnyStateMachine, StateMachine } from 'xstate';

import { chartModel } from './chart-model.ts';
import { indexPage, machinePage, type Subject } from './page.ts';
import { pictureOf } from './picture.ts';
import { svg } from './svg.ts';

const SOURCES = new URL('../../src/machines/', import.meta.url);
const PAGES = new URL('../../docs/statecharts/', import.meta.url);

/** What is written here; other files in the folder are left alone. */
const GENERATED = /\.(md|svg|json)$/;

/** Text of every file by its name, in the order of the index. */
export type Pages = ReadonlyMap<string, string>;

/** Every machine that a file of src/machines exports, whoever added it. */
export async function readMachines(): Promise<readonly Subject[]> {
  const files = (await readdir(SOURCES, { recursive: true }))
    .filter((file) => file.endsWith('.ts'))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
  return (await Promise.all(files.map(subjectsIn))).flat();
}

export async function generatePages(): Promise<Pages> {
  const subjects = await readMachines();
  const files = await Promise.all(subjects.map(filesOf));
  return new Map([['README.md', indexPage(subjects)], ...files.flat()]);
}

async function filesOf(subject: Subject): Promise<readonly (readonly [string, string])[]> {
  const { id } = subject.model;
  const picture = await pictureOf(subject.model);
  return [
    [`${id}.md`, machinePage(subject)],
    [`${id}.svg`, svg(picture)],
    [`${id}.json`, `${JSON.stringify(picture)}\n`],
  ];
}

/** Names of pages that are missing, differ, or have no machine any more. */
export async function stalePages(pages: Pages, folder: URL = PAGES): Promise<readonly string[]> {
  const written = await readPages(folder);
  const names = new Set([...pages.keys(), ...written.keys()]);
  return [...names].filter((name) => pages.get(name) !== written.get(name)).sort();
}

/** Brings the stale pages up to date, deletes those without a machine, and says which. */
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

/** The header of a machine's file, without the line that points here. */
export function purposeIn(source: string): string {
  const header = /^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1] ?? '';
  return header
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s*/, '').trimEnd())
    .filter((line) => line !== '' && !line.startsWith('Chart:'))
    .join(' ');
}

async function subjectsIn(file: string): Promise<readonly Subject[]> {
  // beside this file lies what can run here: sources under the test runner, else compiled code
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
  const names = await readdir(folder).catch(() => []); // nothing was ever written
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
