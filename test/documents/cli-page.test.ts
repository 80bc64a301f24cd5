/** docs/cli.md is generated between its markers: `npx vitest run test/documents/cli-page.test.ts -u` writes it. The rest is prose. */
import type { Argument, Option } from 'commander';
import { expect, test } from 'vitest';
import type { CliCommand } from '../../src/cli/cli-command.ts';
import { GO_ETHEREUM_NAMES, meaningOf } from '../../src/cli/go-ethereum-names.ts';
import { createProgram } from '../../src/cli/program.ts';
import { optionOf, SETTING_NAMES } from '../../src/cli/settings.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';
import { pageAt } from './pages.ts';

const page = pageAt('docs/cli.md').text;
const program = createProgram({ terminal: new FakeTerminal(), ports: {}, exit: () => {} });

const innerOf = (command: CliCommand) => command.commands as readonly CliCommand[];

/** Commands that run, by their words. */
const commands = new Map(
  innerOf(program).flatMap((command) =>
    innerOf(command).length === 0
      ? [[command.name(), command] as const]
      : innerOf(command).map((one) => [`${command.name()} ${one.name()}`, one] as const),
  ),
);

const MARKED = /<!-- (.+?) -->\n[\s\S]*?<!-- end -->/g;

test('docs/cli.md has every command, its options, examples and exit codes', async () => {
  const text = page.replace(MARKED, (_, words: string) => {
    const command = commands.get(words);
    const made = command ? blockOf(words, command) : GENERATED[words]!();
    return `<!-- ${words} -->\n${made}\n<!-- end -->`;
  });
  await expect(text).toMatchFileSnapshot('../../docs/cli.md');
  const marked = [...page.matchAll(MARKED)].map(([, words]) => words!);
  expect(marked.filter((words) => !(words in GENERATED)).sort()).toEqual(
    [...commands.keys()].sort(),
  );
});

test.for([...commands])(
  '%s has examples of options that it has, and exit codes',
  ([words, command]) => {
    expect(command.examples).not.toEqual([]);
    for (const example of command.examples) {
      expect(example).toMatch(new RegExp(`^peerchart ${words}\\b`));
      for (const option of example.match(/--[a-z\d-]+/g) ?? [])
        expect(command.options.map(({ long }) => long)).toContain(option);
    }
    expect(command.exitCodes.map(([code]) => code)).toContain('0');
    expect(command.options.map(({ long }) => long)).toContain('--json');
  },
);

const GENERATED: Readonly<Record<string, () => string>> = {
  commands: () =>
    tableOf(
      ['Command', 'What it does'],
      innerOf(program).map((command) => [
        [...commands.keys()]
          .filter((words) => words.split(' ')[0] === command.name())
          .map((words) => `[\`${words}\`](#${words.replace(' ', '-')})`)
          .join(', '),
        command.description(),
      ]),
    ),
  'names of go-ethereum': () =>
    tableOf(
      ['go-ethereum', 'here'],
      GO_ETHEREUM_NAMES.map((name) => [`\`${name}\``, settingsOf(name)]),
    ),
};

function blockOf(words: string, command: CliCommand): string {
  const isSetting = (option: Option) => option.long !== null && FILE_NAMES.has(option.long ?? '');
  const own = command.options.filter((option) => words === 'run' || !isSetting(option));
  const settings = 2 * (command.options.length - own.length) > FILE_NAMES.size;
  const rows = (settings ? own : command.options).map(rowOf);
  const given = command.registeredArguments.map((one) => [
    `\`${nameOf(one)}\``,
    escaped(one.description),
  ]);
  const table =
    words === 'run'
      ? tableOf(['Option', 'In a file', 'What it does'], command.options.map(rowWithName))
      : tableOf(['Argument or option', 'What it does'], [...given, ...rows]);
  const codes = command.exitCodes.map(([code, meaning]) => `${code}: ${meaning}`);
  return [
    `\`\`\`sh\n${command.examples.map((line) => `npx ${line}`).join('\n')}\n\`\`\``,
    table,
    ...(settings ? ['Besides, every option of [`run`](#run) that a file can have.'] : []),
    `Exit codes: ${codes.join('; ')}.`,
  ].join('\n\n');
}

const nameOf = (one: Argument): string => (one.required ? `<${one.name()}>` : `[${one.name()}]`);

/** Not HTML. */
const escaped = (text: string): string => text.replaceAll('<', '&lt;');

const FILE_NAMES = new Map(SETTING_NAMES.map((name) => [optionOf(name).long ?? '', name]));

const rowOf = ({ flags, description, defaultValue, defaultValueDescription }: Option) => {
  const shown = defaultValueDescription ?? defaultValue;
  return [
    `\`${flags}\``,
    `${escaped(description)}${shown === undefined ? '' : ` (default: ${shown})`}`,
  ];
};

const rowWithName = (option: Option) => {
  const [flags = '', text = ''] = rowOf(option);
  const name = FILE_NAMES.get(option.long ?? '');
  return [flags, name === undefined ? '' : `\`${name}\``, text];
};

const HOSTS = ['Node.HTTPHost', 'Node.WSHost'].map((name) => ({
  ...{ name, value: '::1', line: null },
}));

/** What an entry with that name sets, found by a value of each type. */
function settingsOf(name: string): string {
  const meaning = meaningOf(name);
  if (typeof meaning === 'string') return meaning;
  for (const value of [false, 1, '192.0.2.1:1'])
    try {
      const names = meaning(value, [{ name, value, line: null }, ...HOSTS]).map(
        ([setting]) => `\`${setting}\``,
      );
      if (names.length > 0) return names.join(', ');
    } catch {} // not of this type
  throw new Error(`nothing is set by ${name}`);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lineOf = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [lineOf(head), `|${head.map(() => '---|').join('')}`, ...rows.map(lineOf)].join('\n');
}
