/** Completion for shells, made from the definitions of the commands. */
import type { CliCommand } from './cli-command.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** What may follow the words of a command: those of its commands, or its options. */
type Place = {
  /** Words behind `peerchart`, joined with blanks; empty for the program itself. */
  readonly at: string;
  readonly candidates: readonly Candidate[];
};

type Candidate = {
  readonly word: string;
  readonly text: string;
  /** Of an option: it takes a value, which is completed as a file. */
  readonly takesValue: boolean;
};

export function completionScript(shell: Shell, program: CliCommand): string {
  const places = placesOf(program);
  const script = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](places);
  return `${HEADS[shell]}\n${script}`;
}

const HEADS: Readonly<Record<Shell, string>> = {
  bash: '# Completion of peerchart for bash: source <(peerchart completion bash)',
  zsh: '#compdef peerchart\n# Completion of peerchart for zsh: source <(peerchart completion zsh), behind compinit',
  fish: '# Completion of peerchart for fish: peerchart completion fish | source',
};

function placesOf(command: CliCommand, words: readonly string[] = []): readonly Place[] {
  const commands = command.commands as readonly CliCommand[];
  const options = command.options.map((option) => ({
    word: option.long ?? option.short ?? '',
    text: option.description,
    takesValue: option.required || option.optional,
  }));
  const candidates = [
    ...commands.map((one) => ({ word: one.name(), text: one.description(), takesValue: false })),
    ...options,
    { word: '--help', text: 'display help for command', takesValue: false },
  ];
  return [
    { at: words.join(' '), candidates },
    ...commands.flatMap((one) => placesOf(one, [...words, one.name()])),
  ];
}

/** Finds the place in the variable `at`, from one word after the other: both shells read this. */
const placeCases = (places: readonly Place[]): string =>
  places
    .filter(({ at }) => at !== '')
    .map(({ at }) => {
      const before = at.split(' ').slice(0, -1).join(' ');
      return `      '${before}|${at.split(' ').at(-1)}') at='${at}' ;;`;
    })
    .join('\n');

const bashScript = (places: readonly Place[]): string => `_peerchart() {
  local at='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at|$word" in
${placeCases(places)}
    esac
  done
  case "$at" in
${places
  .map(
    ({ at, candidates }) =>
      `    '${at}') words='${candidates.map(({ word }) => word).join(' ')}' ;;`,
  )
  .join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _peerchart peerchart
`;

const zshScript = (places: readonly Place[]): string => `_peerchart() {
  local at='' word
  local -a candidates
  for word in \${words[2,CURRENT-1]}; do
    case "$at|$word" in
${placeCases(places)}
    esac
  done
  case "$at" in
${places
  .map(({ at, candidates }) => {
    const all = candidates.map(
      ({ word, text }) => `      ${quoted(`${word.replaceAll(':', '\\:')}:${text}`)}`,
    );
    return `    '${at}') candidates=(\n${all.join('\n')}\n    ) ;;`;
  })
  .join('\n')}
  esac
  _describe 'command or option' candidates || _files
}
compdef _peerchart peerchart
`;

const fishScript = (places: readonly Place[]): string => `function __peerchart_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    switch "$at|$word"
${placeCases(places).replaceAll(/^ {6}(.*)\) at=(.*) ;;$/gm, '      case $1\n        set at $2')}
    end
  end
  test "$at" = "$argv[1]"
end
${places.flatMap(({ at, candidates }) => candidates.map((one) => fishLine(at, one))).join('\n')}
`;

const fishLine = (at: string, { word, text, takesValue }: Candidate): string => {
  const what = word.startsWith('--')
    ? `-l ${word.slice(2)}${takesValue ? ' -r' : ''}`
    : `-f -a ${word}`;
  return `complete -c peerchart -n "__peerchart_at '${at}'" ${what} -d ${quoted(text)}`;
};

/** In single quotes, as all three shells read them. */
const quoted = (text: string): string => `'${text.replaceAll("'", '’')}'`;
