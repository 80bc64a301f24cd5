import { execFileSync, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { completionScript, SHELLS } from '../../src/cli/completion.ts';
import { createProgram } from '../../src/cli/program.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

const program = createProgram({ terminal: new FakeTerminal(), ports: {}, exit: () => {} });

/** What bash offers for the last word. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `${completionScript('bash', program)}
COMP_WORDS=(peerchart ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
_peerchart; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
  return output.split('\n').filter((line) => line !== '');
}

describe('bash', () => {
  test('offers the commands that begin like the word', () => {
    expect(offered('dis')).toEqual(['discv4', 'discv5']);
    expect(offered('discv4', 'l')).toEqual(['listen', 'lookup']);
    expect(offered('--v')).toEqual(['--version']);
  });

  test('offers the options of a command, also behind other options', () => {
    expect(offered('discv4', 'ping', '--t')).toEqual(['--timeout']);
    expect(offered('run', '--name', 'ping', '--maxpeers-')).toEqual(['--maxpeers-per-subnet']);
  });

  test('leaves everything else to the completion of files', () => {
    expect(offered('replay', 'recording.js')).toEqual([]);
  });
});

test.for(SHELLS)(
  'the script for %s has every command and every option, and is valid',
  async (shell) => {
    const script = completionScript(shell, program);
    for (const command of program.commands) {
      expect(script).toContain(command.name());
      for (const { long } of command.options) expect(script).toContain(long!.slice(2));
    }
    const file = join(await scratch(), 'completion');
    await writeFile(file, script);
    const checked = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    if (checked.error === undefined) expect(checked.stderr).toBe(''); // the shell is there
  },
);
