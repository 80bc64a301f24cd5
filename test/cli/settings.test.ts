import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/api/options.ts';
import {
  flagSettings,
  offersOf,
  optionOf,
  SETTING_NAMES,
  SETTINGS,
  settingNamed,
} from '../../src/cli/settings.ts';

function given(...words: string[]) {
  const command = new Command().exitOverride();
  for (const name of SETTING_NAMES) command.addOption(optionOf(name));
  return flagSettings(command.parse(words, { from: 'user' }));
}

test('flags give settings, and those that are absent give none', () => {
  expect(given()).toEqual({});
  const words = '--maxpeers 3 --nodial --echo false --offer eth/69 a/1 --host ::1 --inspect';
  expect(given(...words.split(' '))).toEqual({
    'server.maxPeers': 3,
    'server.noDial': true,
    echo: false,
    offer: ['eth/69', 'a/1'],
    'server.listen.host': '::1',
    'inspect.port': 0,
  });
});

test('no two settings have the same flag', () => {
  const flags = SETTING_NAMES.map((name) => settingNamed(name).flag.split(' ')[0]);
  expect(new Set(flags).size).toBe(flags.length);
});

test('defaults are those of the server, or what the command line says of itself', () => {
  const ours = { discovery: 'v4' };
  for (const [name, value] of Object.entries({ ...DEFAULTS, ...ours })) {
    const setting = SETTING_NAMES.find((one) => one === `server.${name}`);
    if (setting && name !== 'name' && name !== 'nat')
      expect(settingNamed(setting).fallback, name).toBe(value);
  }
  expect(SETTINGS['server.listen.port'].fallback).toBe(DEFAULTS.listen.port);
});

test('the help of a setting has its default', () => {
  expect(optionOf('server.maxPeers').description).toBe('most peers at once (default: 50)');
  expect(optionOf('server.bootnodesV5').description).toMatch(/\(default: those of --bootnodes\)$/);
  expect(optionOf('server.noDial').description).toBe('never dial');
});

test('capabilities are read in their order, each once', () => {
  expect(offersOf(['eth/69', 'mine/1:5'])).toEqual([
    { name: 'eth', version: 69 },
    { name: 'mine', version: 1, length: 5 },
  ]);
  expect(() => offersOf(['eth/69', 'eth/69'])).toThrow('Expected each capability once.');
});

test('every option of a server that a text can say has its setting', () => {
  const [, page = ''] = readFileSync('docs/options.md', 'utf8').split('## Server\n');
  const [table = ''] = page.split('\n## ');
  const options = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name!);
  expect(options.length).toBeGreaterThan(30);
  const ofCode = ['nodeKey', 'nodeDatabase', 'protocols', 'candidates', 'logger', 'metrics'];
  const others = [...ofCode, 'candidateFilter', 'onPeer', 'inspect', 'ports'];
  const names = SETTING_NAMES.map((name) => name.split('.')[1]);
  expect(options.filter((name) => !names.includes(name) && !others.includes(name))).toEqual([]);
});
