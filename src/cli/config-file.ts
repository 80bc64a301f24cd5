/** Reads a configuration file: TOML as a flat list of entries, each with its line. What they mean is left to others. */
import { open } from 'node:fs/promises';
import { parse, TomlDate, type TomlTable, type TomlValue } from 'smol-toml';
import { CommandError } from './error.ts';

/** Largest file, in bytes: room for ten thousand node records. Ours. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** Deepest nesting of arrays and inline tables. Ours. */
const MAX_CONFIG_DEPTH = 16;

export type FileEntry = {
  /** Tables and key, joined with dots: `Node.P2P.MaxPeers`. */
  readonly name: string;
  readonly value: TomlValue;
  /** Counted from 1; null when it was not found, as in an inline table that spans lines. */
  readonly line: number | null;
};

/** Problems of a configuration, each with its place: one line each. */
export class ConfigurationError extends CommandError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** @throws {ConfigurationError} The file cannot be read, or is not TOML. */
export async function readConfigFile(path: string): Promise<readonly FileEntry[]> {
  const text = await textOf(path);
  return entriesOf(tableOf(path, text), new KeyLines(text));
}

async function textOf(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const stats = await file.stat();
    if (!stats.isFile()) throw new TypeError('it is not a file');
    if (stats.size > MAX_CONFIG_BYTES)
      throw new TypeError(`it has more than ${MAX_CONFIG_BYTES} bytes`);
    const bytes = Buffer.alloc(stats.size);
    const { bytesRead } = await file.read(bytes);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytesRead));
  } catch (error) {
    throw new ConfigurationError([`${path}: cannot be read: ${(error as Error).message}`]);
  }
}

function tableOf(path: string, text: string): TomlTable {
  try {
    return parse(text, { maxDepth: MAX_CONFIG_DEPTH, unsafeKeyBehaviour: 'throw' });
  } catch (error) {
    const { message, line } = error as Error & { readonly line?: number };
    const reason = (message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
    const place = line === undefined ? path : `${path}:${line}`;
    throw new ConfigurationError([`${place}: not valid TOML: ${reason}`]);
  }
}

export const isTable = (value: TomlValue): value is TomlTable =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof TomlDate);

/** Empty tables are entries, too: their names may be wrong. */
function entriesOf(table: TomlTable, lines: KeyLines, prefix = ''): readonly FileEntry[] {
  return Object.entries(table).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    if (isTable(value) && Object.keys(value).length > 0) return entriesOf(value, lines, `${name}.`);
    return [{ name, value, line: lines.of(name) }];
  });
}

/** The lines on which the keys of a valid TOML text stand. */
class KeyLines {
  readonly #lines = new Map<string, number>();

  constructor(text: string) {
    let table = '';
    for (const [index, line] of text.split('\n').entries()) {
      const [, header, key] = /^\s*(?:\[+([^[\]]+)\]|([\w"'.\s-]+?)\s*=)/.exec(line) ?? [];
      if (header !== undefined) table = `${plainName(header)}.`;
      const name = header === undefined ? `${table}${plainName(key ?? '')}` : plainName(header);
      if ((header ?? key) !== undefined && !this.#lines.has(name)) this.#lines.set(name, index + 1);
    }
  }

  /** A key inside an inline table stands on the line of the table. */
  of(name: string): number | null {
    const above = name.slice(0, Math.max(0, name.lastIndexOf('.')));
    return this.#lines.get(name) ?? (above === '' ? null : this.of(above));
  }
}

const plainName = (key: string): string => key.replace(/["'\s]/g, '');
