/** `peerchart config`: prints the effective configuration as a TOML file, and where each value came from. */
import { printable, printableJson } from '../io/wire/printable.ts';
import type { Configuration } from './configuration.ts';
import { SETTING_NAMES, settingNamed } from './settings.ts';
import type { Terminal } from './terminal.ts';

export type ConfigOptions = { readonly json?: boolean };

/** Longest line that is shown, in UTF-16 units: room for a list of nodes. */
const MAX_LINE_CHARS = 100_000;

/** Column of the place of a value. */
const PLACE_COLUMN = 48;

export function config(
  { settings, origins }: Configuration,
  { json = false }: ConfigOptions,
  { stdout }: Terminal,
): number {
  const all = SETTING_NAMES.map((name) => ({
    name,
    value: settings[name] ?? null,
    from: origins.get(name) ?? null,
  }));
  if (json) {
    stdout.write(`${printableJson({ type: 'config', settings: all })}\n`);
    return 0;
  }
  for (const { name, value, from } of all) {
    const { otherwise = 'not set' } = settingNamed(name);
    const text = value === null ? `# ${name}` : `${name} = ${JSON.stringify(value)}`;
    stdout.write(
      `${printable(text.padEnd(PLACE_COLUMN), MAX_LINE_CHARS)} # ${from ?? otherwise}\n`,
    );
  }
  return 0;
}
