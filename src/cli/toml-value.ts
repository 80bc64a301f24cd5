/** Values of a TOML file as settings take them. */
import { InvalidArgumentError } from 'commander';
import type { FileEntry } from './config-file.ts';
import type { Setting, SettingValue } from './settings.ts';

/** Longest piece of a file in an error, in UTF-16 units. */
const MAX_QUOTED_CHARS = 60;

type Value = FileEntry['value'];

export function textIn(value: Value): string {
  if (typeof value !== 'string') throw new InvalidArgumentError('Expected a text.');
  return value;
}

export function booleanIn(value: Value): boolean {
  if (typeof value !== 'boolean') throw new InvalidArgumentError('Expected true or false.');
  return value;
}

/** @throws {InvalidArgumentError} Says what was expected, and of a list, which item is wrong. */
export function settingIn(value: Value, { kind, read, empty }: Setting): SettingValue {
  switch (kind) {
    case 'text':
      return read(textIn(value));
    case 'boolean':
      return booleanIn(value);
    case 'number':
      if (typeof value !== 'number') throw new InvalidArgumentError('Expected a number.');
      return read(String(value));
    case 'list':
      if (Array.isArray(value) && value.length === 0 && empty)
        throw new InvalidArgumentError(empty);
      return listIn(value, read);
  }
}

function listIn(value: Value, read: Setting['read']): SettingValue {
  if (!Array.isArray(value)) throw new InvalidArgumentError('Expected a list of texts.');
  let items: SettingValue = [];
  for (const [index, item] of value.entries())
    try {
      items = read(textIn(item), items);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw new InvalidArgumentError(`Item ${index + 1}: ${withGiven(error.message, item)}`);
    }
  return items;
}

/** A reason as part of a line, with the value when it does not have it. */
export function withGiven(sentence: string, value: Value): string {
  const reason = `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`;
  return reason.startsWith('expected') && !reason.includes(' got ')
    ? `${reason}, got ${quoted(value)}`
    : reason;
}

/** Shortened. */
function quoted(value: Value): string {
  const text = JSON.stringify(value);
  return text.length > MAX_QUOTED_CHARS ? `${text.slice(0, MAX_QUOTED_CHARS)}…` : text;
}
