/** docs/options.md is made of the docstrings of the options: `npx vitest run test/documents/options-page.test.ts -u` writes it. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';

import { DEFAULTS } from '../../src/api/options.ts';

type Option = { readonly name: string; readonly type: string; readonly text: string };

test('docs/options.md has every option with its docstring', async () => {
  const server = optionsIn('src/api/options.ts', 'ServerOptions');
  const ports = optionsIn('src/api/options.ts', 'Ports');
  const node = optionsIn('src/node/node-options.ts', 'NodeOptions');
  const inspect = optionsIn('src/inspect/inspector-options.ts', 'InspectOptions');
  expect([server, ports, node, inspect].flat().filter(({ text }) => text === '')).toEqual([]);
  const page = [
    '# Options',
    'Every option of `new Server(options)`, `new Node(options)` and `inspect(server, options)`. This page is generated from the docstrings, which your editor shows as well. Bounds of sizes, times and numbers are in [limits.md](limits.md).',
    '## Server',
    tableOf(server, (name) => defaultOf(DEFAULTS, name)),
    '## `ports`',
    'Each replaces a part of the outside world, to run without sockets, on virtual time or with a seed.',
    tableOf(ports),
    '## Node',
    'What starts and stops with the server: [embedding.md](embedding.md#run-a-node-with-services).',
    tableOf(node),
    '## `inspect(server, options)`',
    tableOf(inspect),
  ];
  await expect(`${page.join('\n\n')}\n`).toMatchFileSnapshot('../../docs/options.md');
});

function optionsIn(path: string, typeName: string): Option[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(path, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const declared = source.statements.find(
    (one) => ts.isTypeAliasDeclaration(one) && one.name.text === typeName,
  ) as ts.TypeAliasDeclaration;
  return (declared.type as ts.TypeLiteralNode).members
    .filter(ts.isPropertySignature)
    .map((member) => ({
      name: member.name.getText(),
      type: member.type!.getText(),
      text: ts.getJSDocCommentsAndTags(member).map(commentOf).join(' '),
    }));
}

const commentOf = ({ comment }: ts.JSDoc | ts.JSDocTag): string =>
  (ts.getTextOfJSDocComment(comment) ?? '').replace(/\s+/g, ' ');

function tableOf(options: readonly Option[], defaultIn?: (name: string) => string): string {
  const rows = options.map(({ name, type, text }) => {
    const cells = [`\`${name}\``, `\`${type}\``, ...(defaultIn ? [defaultIn(name)] : []), text];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const head = ['Option', 'Type', ...(defaultIn ? ['Default'] : []), 'What it does'];
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...rows].join('\n');
}

function defaultOf(defaults: Readonly<Record<string, unknown>>, name: string): string {
  const value = defaults[name];
  if (value === undefined) return '';
  if (name === 'name') return 'peerchart and its version';
  return `\`${typeof value === 'object' ? JSON.stringify(value) : String(value)}\``;
}
