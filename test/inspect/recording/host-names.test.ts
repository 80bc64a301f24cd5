import { describe, expect, test } from 'vitest';

import { HostNames, MAX_NAMES } from '../../../src/inspect/recording/host-names.ts';

const namesOf = (...names: readonly string[]): HostNames => {
  const all = new HostNames();
  for (const name of names) all.add(name);
  return all;
};

const hide = (name: string): string => `<${name}>`;

describe('in a text', () => {
  const names = namesOf('Bastion-7', 'node.example.');
  test.for<[text: string, shown: string]>([
    ['ENOTFOUND Bastion-7', 'ENOTFOUND <Bastion-7>'],
    ['ENOTFOUND bastion-7.', 'ENOTFOUND <Bastion-7>.'],
    ['BASTION-7:30303 (bastion-7)', '<Bastion-7>:30303 (<Bastion-7>)'],
    ['at node.example, and node.example.', 'at <node.example.>, and <node.example.>.'],
    ['my.node.example', '<my.node.example>'],
    ['bastion-7.search.corp', '<bastion-7.search.corp>'],
    ['bastion-77 xbastion-7 bastion-7x', 'bastion-77 xbastion-7 bastion-7x'],
    ['node.examples example node', 'node.examples example node'],
    ['', ''],
  ])('%s', ([text, shown]) => {
    expect(names.replaceIn(text, hide)).toBe(shown);
  });

  test('of many parts, also behind them', () => {
    const parts = 'a.'.repeat(100_000);
    expect(names.replaceIn(parts, hide)).toBe(parts);
    expect(names.replaceIn(`${parts}bastion-7`, hide)).toBe(`<${parts}bastion-7>`);
  });
});

test('the names that were used least recently are forgotten beyond a limit', () => {
  const names = namesOf('first', 'second');
  for (let index = 2; index < MAX_NAMES; index += 1) names.add(`name-${index}`);
  names.add('first');
  expect(names.size).toBe(MAX_NAMES);
  names.add('one-more');
  expect(names.size).toBe(MAX_NAMES);
  expect(names.replaceIn('first second one-more', hide)).toBe('<first> second <one-more>');
});
