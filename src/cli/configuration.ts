/** The effective configuration of a node: flags before the file before defaults, and where each value came from. */
import { InvalidArgumentError } from 'commander';
import { ConfigurationError, type FileEntry, isTable, readConfigFile } from './config-file.ts';
import { GO_ETHEREUM_NAMES, meaningOf } from './go-ethereum-names.ts';
import {
  type EffectiveSettings,
  SETTING_NAMES,
  type SettingName,
  type Settings,
  type SettingValue,
  settingNamed,
} from './settings.ts';
import { settingIn, withGiven } from './toml-value.ts';

export type Configuration = {
  readonly settings: EffectiveSettings;
  /** In words, of every setting that has a value: `--port`, `node.toml:3`, `default`. */
  readonly origins: ReadonlyMap<SettingName, string>;
  /** What of the file is ignored, as one line; null when nothing is. */
  readonly note: string | null;
};

type Found = { readonly value: SettingValue; readonly from: string };

/**
 * @param path Of a configuration file.
 * @throws {ConfigurationError} The file cannot be read, or has wrong entries: each is named, with its line.
 */
export async function configurationOf(flags: Settings, path?: string): Promise<Configuration> {
  const { found, note } = path === undefined ? NOTHING : await new ConfigFile(path).read();
  const all = SETTING_NAMES.flatMap((name): (readonly [SettingName, Found])[] => {
    const { flag, fallback } = settingNamed(name);
    const given = flags[name];
    if (given !== undefined) return [[name, { value: given, from: flag.split(' ', 1).join() }]];
    const other =
      found.get(name) ??
      (fallback === undefined ? undefined : { value: fallback, from: 'default' });
    return other === undefined ? [] : [[name, other]];
  });
  return {
    settings: Object.fromEntries(
      all.map(([name, { value }]) => [name, value]),
    ) as EffectiveSettings, // `all` has every default
    origins: new Map(all.map(([name, { from }]) => [name, from])),
    note,
  };
}

type FileSettings = {
  readonly found: ReadonlyMap<SettingName, Found>;
  readonly note: string | null;
};

const NOTHING: FileSettings = { found: new Map(), note: null };

const isSetting = (name: string): name is SettingName =>
  SETTING_NAMES.some((known) => known === name);

const isTableName = (name: string): boolean =>
  [...SETTING_NAMES, ...GO_ETHEREUM_NAMES].some((known) => known.startsWith(`${name}.`));

/** Entries of three names are one setting, and do not contradict each other. */
const MAY_REPEAT: SettingName = 'server.discovery';

class ConfigFile {
  readonly #path: string;
  readonly #found = new Map<SettingName, Found & { readonly entry: string }>();
  readonly #ignored = new Set<string>();
  readonly #problems: string[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<FileSettings> {
    const entries = await readConfigFile(this.#path);
    for (const entry of entries)
      try {
        this.#take(entry, entries);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        const reason = withGiven(error.message, entry.value);
        this.#problems.push(`${this.#placeOf(entry)}: ${entry.name}: ${reason}`);
      }
    if (this.#problems.length > 0) throw new ConfigurationError(this.#problems);
    const note = this.#ignored.size === 0 ? null : `${[...this.#ignored].join(', ')}`;
    return { found: this.#found, note: note && `${this.#path}: ignored, of no use here: ${note}` };
  }

  #take(entry: FileEntry, all: readonly FileEntry[]): void {
    const { name, value } = entry;
    if (isSetting(name)) return this.#set(name, value, entry);
    if (isTableName(name) && !isTable(value)) throw new InvalidArgumentError('Expected a table.');
    const meaning = meaningOf(name);
    if (meaning === 'ignored') return void this.#ignored.add(tableOrName(name));
    if (meaning !== 'unknown')
      for (const [setting, said] of meaning(value, all)) this.#set(setting, said, entry);
    else if (!isTableName(name))
      throw new InvalidArgumentError(`There is no such setting${likeOf(name)}`); // or it is an empty table
  }

  #set(setting: SettingName, value: FileEntry['value'], entry: FileEntry): void {
    const earlier = this.#found.get(setting);
    if (earlier && setting !== MAY_REPEAT)
      throw new InvalidArgumentError(`Says the same as ${earlier.entry}: remove one of them`);
    const read = settingIn(value, settingNamed(setting));
    this.#found.set(setting, { value: read, from: this.#placeOf(entry), entry: entry.name });
  }

  #placeOf({ line }: FileEntry): string {
    return line === null ? this.#path : `${this.#path}:${line}`;
  }
}

/** Of tables that mean nothing here the first word is enough. */
const tableOrName = (name: string): string =>
  name.startsWith('Node.') ? name : `[${name.split('.', 1).join()}]`;

/** A name that differs in upper and lower case only, or in its table. */
function likeOf(name: string): string {
  const last = (text: string) => text.slice(text.lastIndexOf('.') + 1).toLowerCase();
  const like = [...SETTING_NAMES, ...GO_ETHEREUM_NAMES].find(
    (known) => last(known) === last(name) && !/^(?:host|port|name)$/.test(last(name)),
  );
  return like === undefined ? '' : `; there is ${like}`;
}
