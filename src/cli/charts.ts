/** `peerchart charts`: names the statecharts, or prints one. It reads docs/statecharts, which is part of the package. */
import { readdir, readFile } from 'node:fs/promises';
import { printableJson } from '../io/wire/printable.ts';
import { CommandError } from './error.ts';
import type { Terminal } from './terminal.ts';

export const CHART_FORMATS = ['text', 'mermaid', 'svg'] as const;

export type ChartsOptions = {
  readonly format: (typeof CHART_FORMATS)[number];
  readonly json?: boolean;
};

const FOLDER = new URL('../../docs/statecharts/', import.meta.url);

/** The index of the folder. */
const INDEX = 'README.md';

/** @param machine Its name; undefined names all. @throws {CommandError} There is no such machine, or the pages are missing. */
export async function charts(
  machine: string | undefined,
  { format, json = false }: ChartsOptions,
  { stdout }: Pick<Terminal, 'stdout'>,
): Promise<number> {
  const names = await machineNames();
  if (machine === undefined) {
    const all = await Promise.all(
      names.map(async (name) => ({ name, purpose: await purposeOf(name) })),
    );
    const width = Math.max(...names.map(({ length }) => length));
    const lines = all.map(({ name, purpose }) => `${name.padEnd(width)}  ${purpose}`);
    stdout.write(
      json ? `${printableJson({ type: 'charts', machines: all })}\n` : `${lines.join('\n')}\n`,
    );
    return 0;
  }
  if (!names.includes(machine))
    throw new CommandError(`there is no machine "${machine}"; there are ${names.join(', ')}`);
  const text = await chartIn(format, machine);
  stdout.write(
    json ? `${printableJson({ type: 'chart', machine, format, text })}\n` : `${text.trimEnd()}\n`,
  );
  return 0;
}

async function machineNames(): Promise<readonly string[]> {
  try {
    const files = await readdir(FOLDER);
    return files
      .filter((file) => file.endsWith('.md') && file !== INDEX)
      .map((file) => file.slice(0, -'.md'.length))
      .sort();
  } catch (error) {
    throw new CommandError(`the charts cannot be read: ${(error as Error).message}`);
  }
}

const page = (name: string): Promise<string> => readFile(new URL(`${name}.md`, FOLDER), 'utf8');

/** The paragraph behind the title. */
const purposeOf = async (name: string): Promise<string> =>
  (await page(name)).split('\n\n')[1] ?? '';

const MERMAID = /```mermaid\n([\s\S]*?)```/;

async function chartIn(format: ChartsOptions['format'], name: string): Promise<string> {
  switch (format) {
    case 'svg':
      return readFile(new URL(`${name}.svg`, FOLDER), 'utf8');
    case 'mermaid':
      return MERMAID.exec(await page(name))?.[1] ?? '';
    case 'text':
      return (await page(name))
        .replace(/<details>[\s\S]*?<\/details>\n*/, '')
        .replace(/^!\[.*\n+/m, '');
  }
}
