import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { defaultSet, primitivesOf, primitivesText } from '../../src/io/crypto/primitive-sets.ts';
import { tryOut } from './try-out.ts';

describe('valid arguments', () => {
  test('the version is the one of the package, and the line after it says what does the cryptography', async () => {
    const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    const { code, output, errors } = await tryOut(['--version']);
    const [first, second] = output.split('\n');
    expect({ code, first, errors }).toEqual({ code: 0, first: version, errors: '' });
    expect(second).toBe(`cryptography: ${primitivesText(primitivesOf(defaultSet()).inUse)}`);
  });

  test.for([[], ['run'], ['ping'], ['why'], ['demo'], ['key'], ['key', 'new'], ['key', 'show']])(
    'help for "%s"',
    async (words) => {
      const { code, output } = await tryOut([...words, '--help']);
      expect(code).toBe(0);
      expect(output).toContain(`Usage: ${['peerchart', ...words].join(' ')}`);
    },
  );
});

test.for([['run'], ['why']])('help for %s names what is offered by default', async ([word]) => {
  const { output } = await tryOut([word!, '--help']);
  expect(output.replace(/\s+/g, ' ')).toContain('(default: eth/68 eth/69 eth/70 eth/71 eth/72)');
});

describe('wrong arguments get one line and exit code 1', () => {
  test.for([
    ['run', '--port', '65536'],
    ['run', '--port', 'http'],
    ['run', '--maxpeers', '-1'],
    ['run', '--static', 'enode://ab@127.0.0.1:1'],
    ['run', '--log-level', 'loud'],
    ['run', '--name', 'x'.repeat(257)],
    ['run', '--say'],
    ['run', '--inspect', 'http'],
    ['run', '--inspect', '65536'],
    ['run', '--port', '0', '--inspect-host', 'example.com'],
    ['run', '--port', '0', '--inspect-host', '0.0.0.0', '--inspect-actions'],
    ['run', '--netrestrict', '10.0.0.0/33'],
    ['run', '--nat', 'router'],
    ['run', '--nat', 'extip:example.org'],
    ['run', '--bootnodes', 'enode://ab@127.0.0.1:1'],
    ['run', '--dns-tree', 'enrtree://nodes.example.org'],
    ['dns', 'sync', 'enrtree://x@nodes.example.org'],
    ['dns', 'print', '/nonexistent/list.json'],
    ['run', '--metrics-port', '65536'],
    ['run', '--unknown'],
    ['ping'],
    ['why'],
    ['why', '--offer', 'eth', 'enode://ab@127.0.0.1:1'],
    ['run', '--offer', 'eth'],
    ['ping', 'enr:-abc'],
    ['ping', '--timeout', '0', 'enode://ab@127.0.0.1:1'],
    ['key', 'new'],
    ['key', 'show', '/nonexistent/nodekey'],
    ['dance'],
  ])('%s %s %s', async (words) => {
    const { code, output, errors } = await tryOut(words);
    expect(code).toBe(1);
    expect(output).toBe('');
    expect(errors).toMatch(/^peerchart: [^\n]+\n$/);
  });

  test.for([
    ['--port', 'http', 'expected a whole number from 0 to 65535, got "http" (--port)'],
    [
      ...['--netrestrict', 'LAN'],
      'expected a network, such as 192.0.2.0/24 or 2001:db8::/32, got "LAN" (--netrestrict)',
    ],
  ] as const)('%s %s: the reason comes first, then the option', async ([option, value, line]) => {
    const { errors } = await tryOut(['run', option, value]);
    expect(errors).toBe(`peerchart: ${line}\n`);
  });
});
