import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { runProgram } from '../../src/cli/program.ts';
import { NameServer } from '../support/dns-run.ts';
import { makeTree, recordText } from '../support/dns-trees.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

const TREE = makeTree({ records: [recordText(1)] });

async function tryOut(...words: readonly string[]) {
  const terminal = new FakeTerminal();
  const txtResolver = new NameServer(TREE).resolve;
  const code = await runProgram(['dns', ...words], terminal, { txtResolver });
  await new Promise((resolve) => setImmediate(resolve));
  return { code, output: terminal.output, errors: terminal.errors };
}

describe('peerchart dns', () => {
  test('sync prints the records of a list, or writes a file that print shows', async () => {
    expect(await tryOut('sync', TREE.url)).toMatchObject({
      ...{ code: 0, output: `${recordText(1)}\n` },
    });
    const file = join(await scratch(), 'list.json');
    expect((await tryOut('sync', TREE.url, file)).code).toBe(0);
    const { code, output } = await tryOut('print', file);
    expect([code, output]).toEqual([0, expect.stringContaining('\nnode ')]);
  });

  test.for([
    ['sync', 'enode://ab@127.0.0.1:1', /missingPublicKey/],
    ['sync', 'enrtree://abc@nodes.example.org', /invalidPublicKey/],
    ['print', '/nonexistent/list.json', /ENOENT/],
  ] as const)('%s %s is one line', async ([command, argument, expected]) => {
    const { code, errors } = await tryOut(command, argument);
    expect(code).toBe(1);
    expect(errors).toMatch(expected);
    expect(errors.split('\n')).toHaveLength(2);
  });
});
