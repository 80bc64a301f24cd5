/** docs/cli.md has every command and every option of the command line. */
import { expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';
import { pageAt } from './pages.ts';

const page = pageAt('docs/cli.md').text;

async function helpOf(...words: string[]): Promise<string> {
  const terminal = new FakeTerminal();
  expect(await runProgram([...words, '--help'], terminal)).toBe(0);
  await new Promise((resolve) => setImmediate(resolve));
  return terminal.output;
}

const commandsIn = (help: string): readonly string[] =>
  [...(help.split('Commands:')[1] ?? '').matchAll(/^ {2}([a-z\d]+)/gm)]
    .map(([, name]) => name!)
    .filter((name) => name !== 'help');

test('every command is named, with all its options', async () => {
  const commands = commandsIn(await helpOf());
  expect(commands).toContain('why');
  for (const command of commands) {
    const inner = commandsIn(await helpOf(command)).map((name) => [command, name]);
    for (const words of inner.length > 0 ? inner : [[command]]) {
      expect(page).toContain(`peerchart ${words.join(' ')}`);
      const options = (await helpOf(...words)).match(/--[a-z-]+(?: [<[][a-z.]+[>\]])?/g) ?? [];
      expect(options.length).toBeGreaterThan(0);
      for (const option of options)
        if (option !== '--help') expect(page, words.join(' ')).toContain(`\`${option}`);
    }
  }
});
