import { expect, test } from 'vitest';
import { CliCommand } from '../../src/cli/cli-command.ts';

test('the help of a command ends with its examples and its exit codes', () => {
  const command = new CliCommand('peerchart').command('ask').example('ask node', 'ask --json node');
  expect(command.helpInformation()).toMatch(
    /\nExamples:\n {2}peerchart ask node\n {2}peerchart ask --json node\n\nExit codes:\n {2}0 {4}done\n {2}1 {4}an error, .*\n$/,
  );
  command.exits({ 0: 'yes', 2: 'no' });
  expect(command.helpInformation()).toMatch(/Exit codes:\n {2}0 {4}yes\n {2}2 {4}no\n$/);
});

test('a group of commands, which has no examples, has the help of commander', () => {
  const group = new CliCommand('peerchart').command('group');
  expect(group.helpInformation()).not.toMatch(/Examples|Exit codes/);
});
