import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { runProgram } from '../../src/cli/program.ts';
import { defaultSet, primitivesOf, primitivesText } from '../../src/io/crypto/primitive-sets.ts';
import { signInAt } from '../inspect/web/page-server-fixture.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { listening } from './listening.ts';
import { scratch } from './scratch.ts';

async function tryOut(...args: string[]) {
  const terminal = new FakeTerminal();
  const code = await runProgram(args, terminal);
  await new Promise((resolve) => setImmediate(resolve)); // what was written has arrived
  return { code, output: terminal.output, errors: terminal.errors };
}

describe('valid arguments', () => {
  test('the version is the one of the package, and the line after it says what does the cryptography', async () => {
    const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    const { code, output, errors } = await tryOut('--version');
    const [first, second] = output.split('\n');
    expect({ code, first, errors }).toEqual({ code: 0, first: version, errors: '' });
    expect(second).toBe(`cryptography: ${primitivesText(primitivesOf(defaultSet()).inUse)}`);
  });

  test.for([[], ['run'], ['ping'], ['why'], ['demo'], ['key'], ['key', 'new'], ['key', 'show']])(
    'help for "%s"',
    async (words) => {
      const { code, output } = await tryOut(...words, '--help');
      expect(code).toBe(0);
      expect(output).toContain(`Usage: ${['peerchart', ...words].join(' ')}`);
    },
  );

  test('every option of run is passed to the server', async () => {
    const nodekey = join(await scratch(), 'nodekey');
    const { output } = await tryOut('key', 'new', nodekey);
    const id = /^id +([0-9a-f]{64})$/m.exec(output)?.[1];
    const other = await someNode();
    const words = `run --host 127.0.0.1 --port 0 --maxpeers 1 --nodial --legacy-handshake --json --log-level debug`;
    const terminal = new FakeTerminal();
    const args = [...words.split(' '), '--nodekey', nodekey, '--name', 'me', '--say', 'hi'];

    const code = runProgram([...args, '--static', other, other, '--trusted', other], terminal);

    expect(await terminal.report('started')).toMatchObject({
      id,
      listening: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
    terminal.stop();
    expect(await code).toBe(0);
    expect(terminal.reports.map(({ type }) => type)).toEqual([
      'started',
      'static.heldBack', // --nodial
      'stopping',
      'stopped',
    ]);
    expect(terminal.errors).toContain('"msg":"stopped"');
  });

  test.for([['run'], ['why']])('help for %s names what is offered by default', async ([word]) => {
    const { output } = await tryOut(word!, '--help');
    expect(output.replace(/\s+/g, ' ')).toContain('(default: eth/68 eth/69 eth/70 eth/71 eth/72)');
  });

  test('run offers the given capabilities', async () => {
    const terminal = new FakeTerminal();
    const words = 'run --host 127.0.0.1 --port 0 --json --offer eth/69 mine/1:5 --say hi';
    const code = runProgram(words.split(' '), terminal);
    const { enode } = await terminal.report('started');
    const { output } = await tryOut('ping', '--json', enode);
    expect(JSON.parse(output)).toMatchObject({ capabilities: ['echo/1', 'eth/69', 'mine/1'] });
    terminal.stop();
    expect(await code).toBe(0);
  });

  test.for([
    ['--inspect'],
    ['--inspect', '0'],
    ['--inspect-actions'],
    ['--inspect-host', 'localhost'],
    ['--inspect-host', '127.0.0.1', '--inspect', '--inspect-actions'],
  ])('an inspector is asked for with %s %s', async (words, { expect }) => {
    const terminal = new FakeTerminal();
    const args = ['run', '--host', '127.0.0.1', '--port', '0', '--json', ...words];
    const code = runProgram(args, terminal);
    const { inspect } = await terminal.report('started');
    const { hostname, port } = new URL(inspect!);
    expect(hostname).toBe(words.includes('localhost') ? 'localhost' : '127.0.0.1');
    const { actions } = await signInAt(Number(port), inspect!);
    expect(actions).toBe(words.includes('--inspect-actions'));
    terminal.stop();
    expect(await code).toBe(0);
  });

  test('ping sets the exit code', async () => {
    const { code, output } = await tryOut('ping', '--json', '--timeout', '5', await someNode());
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({ type: 'ping.failed' });
  });
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
    const { code, output, errors } = await tryOut(...words);
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
    const { errors } = await tryOut('run', option, value);
    expect(errors).toBe(`peerchart: ${line}\n`);
  });

  test('a port in use', async () => {
    const port = await listening(createServer());
    const { code, errors } = await tryOut('run', '--host', '127.0.0.1', '--port', String(port));
    expect(code).toBe(1);
    expect(errors).toMatch(/^peerchart: .*EADDRINUSE.*choose another one with --port\.\n$/);
  });
});

/** The enode of a node that hangs up at once. */
async function someNode(): Promise<string> {
  const file = join(await scratch(), 'nodekey');
  await tryOut('key', 'new', file);
  const port = await listening(createServer((socket) => void socket.destroy()));
  const { output } = await tryOut('key', 'show', file, '--port', String(port));
  return /^enode +(.*)$/m.exec(output)![1]!;
}
