/**
 * Who may import whom, what must stay absent where, and how files are named, sized and tested.
 * Longer than 300 lines: it begins with one table.
 */
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = new URL('../', import.meta.url);

/** What files under a prefix may import. A path ends in `/` for a folder with all below it. */
type Layer = {
  /** Everything, values and types. */
  readonly all: readonly string[];
  /** Besides, with `import type` only. */
  readonly types?: readonly string[];
};

/** `import()` of a name that is only known when it runs. */
const COMPUTED = 'import(…)';

/** The folders that hold the server itself; files right under `src/` join them. */
const BELOW = ['src/*', 'src/machines/', 'src/io/', 'src/protocols/'];

/** The one table. The longest prefix counts; anything that is not named is forbidden. */
const LAYERS: Readonly<Record<string, Layer>> = {
  'src/io/wire/': { all: ['src/io/wire/', 'rlp', '@noble/hashes/', 'snappy', 'ipaddr.js'] },
  'src/io/crypto/': { all: ['src/io/crypto/', 'src/io/wire/', '@noble/', 'node:crypto'] },
  'src/io/actors/': { all: ['src/io/', 'node:', 'xstate'] },
  'src/machines/': { all: ['src/machines/', 'xstate'], types: ['src/io/'] },
  'src/protocols/': { all: ['src/io/wire/'], types: ['src/api/peer.ts', 'src/api/protocol.ts'] },
  'src/': { all: [...BELOW, 'xstate', '@noble/hashes/utils.js'], types: ['pino', 'prom-client'] },
  'src/actors/state-path.ts': { all: [], types: ['xstate'] },
  'src/api/event-feed.ts': { all: [] },
  'src/api/peer.ts': { all: [], types: ['src/machines/', 'src/io/'] },
  'src/api/protocol.ts': { all: [], types: ['src/api/peer.ts', 'src/io/actors/'] },
  'src/telemetry/metrics.ts': {
    all: ['src/telemetry/connection-counters.ts', 'prom-client'],
    types: ['src/io/actors/', 'src/machines/'],
  },
  'src/telemetry/connection-counters.ts': {
    all: ['src/machines/'],
    types: [
      'src/api/event-feed.ts',
      'src/io/actors/',
      'src/api/peer.ts',
      'src/api/server-events.ts',
    ],
  },
  'src/server/config.ts': { all: [...BELOW, 'pino', 'prom-client'], types: ['xstate'] },
  'src/server/options-schema.ts': {
    all: ['src/io/wire/', 'valibot'],
    types: ['src/server/config.ts'],
  },
  'src/exports/machines.ts': { all: ['src/machines/'] },
  'src/exports/wire.ts': { all: ['src/io/wire/', 'src/io/crypto/enode.ts'] },
  'src/exports/testing.ts': { all: ['src/testing/'] },
  'src/testing/': {
    all: [...BELOW, 'src/testing/', 'xstate', 'pino', '@noble/', 'node:'],
  },
  'src/demo/': {
    all: [...BELOW, 'src/demo/', 'src/testing/', 'xstate'],
  },
  'src/charts/': {
    all: ['src/charts/', 'src/machines/', 'src/io/wire/', 'xstate', 'elkjs/', 'node:', COMPUTED],
  },
  'src/exports/inspect.ts': { all: ['src/inspect/'] },
  'src/inspect/': {
    all: [
      ...BELOW,
      'src/inspect/',
      'src/charts/chart-model.ts',
      'src/charts/chart-reading.ts',
      'src/charts/chart-words.ts',
      'xstate',
      'hono',
      '@hono/node-server',
      '@hono/node-server/utils/response',
      'valibot',
      '@noble/hashes/',
      'node:',
    ],
  },
  'src/server/attachments.ts': {
    all: [
      'src/inspect/inspector.ts',
      'src/inspect/recording/server-recording.ts',
      'src/api/server-error.ts',
    ],
    types: ['src/inspect/'],
  },
  'src/inspect/page/': {
    all: [
      'src/inspect/page/',
      'src/charts/arrow-path.ts',
      'docs/statecharts/',
      'preact',
      '@preact/signals',
    ],
    types: ['src/inspect/protocol.ts', 'src/inspect/recording.ts', 'src/charts/picture.ts'],
  },
  'src/inspect/page/vite.config.ts': { all: ['vite', 'node:'] },
  'src/cli/': {
    all: [
      ...BELOW,
      'src/cli/',
      'src/inspect/',
      'commander',
      'pino',
      '@noble/hashes/utils.js',
      'node:',
    ],
    types: ['xstate'],
  },
  'src/cli/demo.ts': { all: [...BELOW, 'src/cli/', 'src/demo/'] },
};

/** Values that adapters may use of XState: what makes actor logic, and `runActor`. */
const ADAPTER_XSTATE = ['createActor', 'fromCallback'];

/** Time and chance are given, everywhere. */
const ABSENT_EVERYWHERE = ['Date', 'Math.random'];

/** Where nothing but values comes in and goes out, the rest of the world is absent too. */
const ABSENT_WHERE_PURE = [
  ...ABSENT_EVERYWHERE,
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'process',
  'console',
  'Buffer',
  'crypto',
];

const ABSENT: Readonly<Record<string, readonly string[]>> = {
  'src/': ABSENT_EVERYWHERE,
  'src/machines/': ABSENT_WHERE_PURE,
  'src/testing/': [...ABSENT_EVERYWHERE, 'setInterval', 'performance'],
  'src/io/wire/': ABSENT_WHERE_PURE,
  'src/inspect/wall-time.ts': ['Math.random'], // the time of day, to be shown and nothing else
};

const MAX_LINES = 300;

/** What the header of a longer file has to say. */
const SAYS_WHY_LONG = /Longer than 300 lines: .*\b(table|chart)\b/;

const SUBJECTLESS = /^(utils?|helpers?|common|misc|types?|shared|index)\.ts$/;

const sources = filesIn('src');
const tests = filesIn('test');

describe('imports', () => {
  test.for(sources)('of %s', (path) => {
    const { all, types = [] } = LAYERS[longestPrefix(Object.keys(LAYERS), path)]!;
    const forbidden = importsOf(path).filter(
      ({ target, isType }) =>
        !all.some((allowed) => covers(allowed, target)) &&
        !(isType && types.some((allowed) => covers(allowed, target))),
    );
    expect(forbidden.map(({ target, isType }) => (isType ? `type ${target}` : target))).toEqual([]);
  });

  test('adapters take actor logic from XState, and nothing that decides', () => {
    const taken = sources
      .filter((path) => path.startsWith('src/io/actors/'))
      .flatMap((path) => importsOf(path).filter(({ target }) => target === 'xstate'))
      .flatMap(({ values }) => values);
    expect([...new Set(taken)].sort()).toEqual(ADAPTER_XSTATE);
  });

  test('nothing but its own entry point and the demo reaches what is for testing', () => {
    const outside = sources.filter((path) => !/^src\/(testing|demo\/)/.test(path));
    expect(
      outside.filter((path) =>
        importsOf(path).some(({ target }) => target.startsWith('src/testing')),
      ),
    ).toEqual([]);
  });

  test('the demo is loaded by who asks for it, and by nobody else', () => {
    const outside = sources.filter((path) => !path.startsWith('src/demo/'));
    const loads = outside.flatMap((path) =>
      importsOf(path).flatMap(({ target, isDeferred }) =>
        target.startsWith('src/demo/') ? [{ path, isDeferred }] : [],
      ),
    );
    expect(loads.length).toBeGreaterThan(0);
    for (const load of loads) expect(load).toEqual({ path: 'src/cli/demo.ts', isDeferred: true });
  });

  test('every layer of the table exists', () => {
    for (const prefix of Object.keys(LAYERS))
      expect(sources.filter((path) => path.startsWith(prefix))).not.toEqual([]);
  });
});

test.for(sources)('what is absent from %s', (path) => {
  const absent = ABSENT[longestPrefix(Object.keys(ABSENT), path)]!;
  expect(globalsOf(path).filter((name) => absent.includes(name))).toEqual([]);
});

describe('files', () => {
  test('have a subject in their name', () => {
    const bad = [...sources, ...tests].filter((path) => SUBJECTLESS.test(path.split('/').at(-1)!));
    expect(bad).toEqual(['src/exports/main.ts']);
  });

  test.for([...sources, ...tests])('%s is not too long, or says why', (path) => {
    const text = read(path);
    const lines = text.split('\n').length - 1;
    if (lines > MAX_LINES) expect(headerOf(text)).toMatch(SAYS_WHY_LONG);
  });

  test('of source begin by saying what they are', () => {
    expect(sources.filter((path) => !headerOf(read(path)).includes('/**'))).toEqual([]);
  });
});

test.for(sources.filter(hasBehaviour))('%s has its test', (path) => {
  expect(tests).toContain(path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts'));
});

type Import = {
  /** A path from the root for files of ours, the name of the module for others. */
  readonly target: string;
  readonly isType: boolean;
  /** An `import()`, when it runs. */
  readonly isDeferred: boolean;
  /** Names of values. */
  readonly values: readonly string[];
};

function importsOf(path: string): readonly Import[] {
  const imports: Import[] = [];
  const note = (
    module: ts.Expression,
    isType: boolean,
    values: readonly string[],
    isDeferred = false,
  ): void => {
    const name = ts.isStringLiteral(module) ? module.text : COMPUTED;
    const target = name.startsWith('.')
      ? new URL(name, new URL(path, ROOT)).href.slice(ROOT.href.length)
      : name;
    imports.push({ target, isType, isDeferred, values });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const { importClause: clause, moduleSpecifier } = node;
      const named = clause?.namedBindings;
      const isType = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      const values = named && ts.isNamedImports(named) && !isType ? named.elements : [];
      note(
        moduleSpecifier,
        isType,
        values.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name }) => name.text),
      );
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier)
      note(node.moduleSpecifier, node.isTypeOnly, []);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      note(node.argument.literal as ts.StringLiteral, true, []);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      note(node.arguments[0]!, false, [], true);
    ts.forEachChild(node, visit);
  };
  visit(parse(path));
  return imports;
}

/** Names that are used as values without being a member of something, and members of `Math`. */
function globalsOf(path: string): readonly string[] {
  const names: string[] = [];
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'Math')
      names.push(node.getText());
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node;
      const isKey =
        (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === node;
      if (ts.isImportSpecifier(parent) || ts.isImportClause(parent)) declared.add(node.text);
      else if (!isMember && !isKey) names.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path));
  return names.filter((name) => !declared.has(name));
}

/** Whether the compiled module exports something of its own, or runs by itself. */
function hasBehaviour(path: string): boolean {
  return parse(path).statements.some((statement) => {
    if (ts.isExportDeclaration(statement)) return false; // somebody else's
    if (!ts.canHaveModifiers(statement)) return false;
    const isExported = ts
      .getModifiers(statement)
      ?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    const isType = ts.isTypeAliasDeclaration(statement) || ts.isInterfaceDeclaration(statement);
    return isExported && !isType;
  });
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
}

/** Everything before the first statement. */
function headerOf(text: string): string {
  return text.slice(0, Math.max(0, text.search(/^(import|export|const|function|type)\b/m)));
}

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

function filesIn(folder: string): string[] {
  return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${folder}/${path}`)
    .sort();
}

function longestPrefix(prefixes: readonly string[], path: string): string {
  return prefixes
    .filter((prefix) => path.startsWith(prefix))
    .reduce((a, b) => (b.length > a.length ? b : a));
}

/** `src/*` are the files right in that folder. */
function covers(allowed: string, target: string): boolean {
  if (allowed.endsWith('/*')) return /^src\/[^/]+$/.test(target);
  return allowed.endsWith('/') || allowed.endsWith(':')
    ? target.startsWith(allowed)
    : target === allowed;
}
