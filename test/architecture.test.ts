/**
 * Who may import whom, what must stay absent where, and how files are named, sized and tested.
 * Longer than 400 lines: it begins with one table.
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

/** What stands below the server, and the server. */
const SERVER = [
  'src/server.ts',
  'src/server/',
  'src/telemetry/',
  'src/explain/',
  'src/api/',
  'src/actors/',
  'src/machines/',
  'src/io/',
];

/** The one table, that of ARCHITECTURE.md. The longest prefix counts; anything that is not named is forbidden. */
const LAYERS: Readonly<Record<string, Layer>> = {
  'src/exports/': { all: ['src/'] },
  'src/cli/': {
    all: ['src/', 'commander', 'pino', 'smol-toml', '@noble/hashes/utils.js', 'node:'],
    types: ['xstate'],
  },
  'src/demo/': { all: ['src/', 'xstate'] },
  'src/testing/': { all: [...SERVER, 'src/testing/', 'xstate', 'pino', '@noble/', 'node:'] },
  'src/inspect/': {
    all: [
      ...SERVER,
      'src/inspect/',
      'src/web/',
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
  'src/inspect/page/': {
    all: [
      'src/inspect/page/',
      'src/inspect/brief-actors.ts',
      'src/charts/arrow-path.ts',
      'src/charts/unfold.ts',
      'docs/statecharts/',
      'preact',
      '@preact/signals',
    ],
    types: [
      'src/inspect/protocol.ts',
      'src/inspect/discovery-protocol.ts',
      'src/inspect/recording.ts',
      'src/charts/picture.ts',
    ],
  },
  'src/inspect/page/vite.config.ts': { all: ['vite', 'node:'] },
  'src/crawl/': {
    all: [...SERVER, 'src/crawl/', 'src/jetstream/', 'src/protocols/', 'xstate', 'node:'],
    types: ['@nats-io/'],
  },
  'src/crawl/postgres-results.ts': { all: ['src/crawl/', 'src/io/process/', 'postgres'] },
  'src/crawl/sqlite-results.ts': { all: ['src/crawl/', 'libsql'] },
  'src/jetstream/': { all: ['src/jetstream/', 'src/io/process/', '@nats-io/'] },
  'src/admin/': { all: [...SERVER, 'src/admin/', 'src/web/', 'ws', 'valibot', 'node:'] },
  'src/web/': { all: ['src/web/', 'src/io/process/', 'node:'], types: ['src/io/wire/'] },
  'src/charts/': {
    all: [
      'src/charts/',
      'src/machines/',
      'src/actors/',
      'src/io/wire/',
      'xstate',
      'elkjs/',
      'node:',
      COMPUTED,
    ],
  },
  'src/node.ts': { all: [...SERVER, 'src/node/', 'xstate'] },
  'src/node/': { all: [...SERVER, 'src/node/', '@noble/hashes/utils.js', 'node:'] },
  'src/server.ts': { all: [...SERVER, 'xstate'], types: ['pino'] },
  'src/server/': { all: [...SERVER, 'xstate', '@noble/hashes/utils.js'] },
  'src/server/node-key-file.ts': {
    all: ['src/io/crypto/', '@noble/hashes/utils.js', 'node:'],
  },
  'src/server/config.ts': { all: [...SERVER], types: ['xstate'] },
  'src/server/options-schema.ts': {
    all: ['src/io/wire/', 'src/io/crypto/primitive-sets.ts', 'valibot'],
    types: ['src/api/'],
  },
  'src/telemetry/': {
    all: [
      'src/telemetry/',
      'src/api/',
      'src/explain/',
      'src/machines/',
      'src/io/process/',
      'src/io/wire/',
    ],
    types: ['src/io/', 'pino', 'xstate'],
  },
  'src/telemetry/metrics.ts': {
    all: ['src/telemetry/', 'src/machines/', 'node:module'],
    types: ['src/api/', 'src/io/', 'prom-client'], // loaded when it is needed
  },
  'src/explain/': {
    all: ['src/explain/', 'src/api/', 'src/machines/', 'src/io/wire/'],
    types: ['src/io/'],
  },
  'src/protocols/': {
    all: ['src/protocols/', 'src/api/', 'src/machines/eth/', 'src/io/wire/', 'src/io/process/'],
    types: ['src/machines/', 'src/io/'],
  },
  'src/api/': {
    all: ['src/api/'],
    types: ['src/machines/', 'src/io/', 'src/actors/', 'xstate', 'pino', 'prom-client'],
  },
  'src/actors/': { all: ['src/actors/', 'src/io/process/', 'xstate'] },
  'src/machines/': { all: ['src/machines/', 'xstate'], types: ['src/io/'] },
  'src/io/adapters/': { all: ['src/io/', 'src/actors/', 'node:', 'xstate'] },
  'src/io/adapters/level-database.ts': { all: ['src/io/', 'classic-level'] },
  'src/io/link/': {
    all: ['src/io/link/', 'src/io/wire/', 'src/io/crypto/', 'src/io/process/', 'node:'],
  },
  'src/io/discovery/': {
    all: ['src/io/discovery/', 'src/io/wire/', 'src/io/crypto/', 'src/io/process/', 'node:'],
  },
  'src/io/nat/': {
    all: ['src/io/nat/', 'src/io/wire/', 'src/io/process/', 'node:'],
    types: ['src/io/discovery/datagram-socket.ts'],
  },
  'src/io/process/': { all: ['src/io/process/', 'node:'] },
  'src/io/crypto/': {
    all: ['src/io/crypto/', 'src/io/wire/', '@noble/', 'node:crypto', 'node:module'],
  },
  'src/io/wire/': { all: ['src/io/wire/', 'rlp', '@noble/hashes/', 'snappy', 'ipaddr.js'] },
};

/** Values that adapters may use of XState: what makes actor logic. */
const ADAPTER_XSTATE = ['fromCallback'];

/** Those who decide, run actors, or look at them. Everything else does its work without XState. */
const RUNS_ACTORS =
  /^src\/(machines|actors|io\/adapters|server|server\.ts|node\.ts|testing|inspect|charts|demo|telemetry|cli|api|crawl)\b/;

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
  'src/io/process/wall-time.ts': ['Math.random'], // the time of day
};

/** Folders of the page, lowest first: each imports itself and those before it. */
const PAGE_FOLDERS = ['model', 'base', 'chart', 'recording', 'views', 'connections', 'app'];

const MAX_LINES = 400;

/** What the header of a longer file has to say. */
const SAYS_WHY_LONG = /Longer than 400 lines: .*\b(table|chart)\b/;

const SUBJECTLESS = /^(utils?|helpers?|common|misc|types?|shared|index)\.ts$/;

const sources = filesIn('src');
const sourcesOfPage = filesIn('src', '.tsx');
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
      .filter((path) => path.startsWith('src/io/adapters/'))
      .flatMap((path) => importsOf(path).filter(({ target }) => target === 'xstate'))
      .flatMap(({ values }) => values);
    expect([...new Set(taken)].sort()).toEqual(ADAPTER_XSTATE);
  });

  test('only those who run actors use XState, in types too', () => {
    const others = sources.filter((path) => !RUNS_ACTORS.test(path));
    expect(
      others.filter((path) => importsOf(path).some(({ target }) => target === 'xstate')),
    ).toEqual([]);
  });

  test('nothing but the entry points, the command line and the demo reaches what is for testing', () => {
    const outside = sources.filter((path) => !/^src\/(testing|demo|exports|cli)\//.test(path));
    expect(
      outside.filter((path) =>
        importsOf(path).some(({ target }) => target.startsWith('src/testing/')),
      ),
    ).toEqual([]);
  });

  test('no file imports itself on a way through others, with types counted', () => {
    expect(circlesOf(sourcesOfPage.concat(sources))).toEqual([]);
  });

  test('no folder of the page imports one above it', () => {
    const page = 'src/inspect/page/';
    const folderOf = (path: string) => path.slice(page.length).split('/')[0]!;
    const files = [...sources, ...sourcesOfPage].filter((path) => path.startsWith(page));
    const inFolders = files.filter((path) => path.slice(page.length).includes('/'));
    expect([...new Set(inFolders.map(folderOf))].sort()).toEqual([...PAGE_FOLDERS].sort());
    const upward = inFolders.flatMap((path) =>
      importsOf(path).flatMap(({ target }) =>
        target.startsWith(page) &&
        PAGE_FOLDERS.indexOf(folderOf(target)) > PAGE_FOLDERS.indexOf(folderOf(path))
          ? [`${path} imports ${target}`]
          : [],
      ),
    );
    expect(upward).toEqual([]);
  });

  test('the demo is loaded by the command that shows it, and by nothing else', () => {
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
    expect(bad).toEqual([]);
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

/**
 * Groups of files that import each other in a loop. Types count, except those that machines take from `io`: they
 * name what the adapters report, and nothing of `io` is loaded by them.
 */
function circlesOf(paths: readonly string[]): readonly (readonly string[])[] {
  const targets = new Map(
    paths.map((path) => [
      path,
      importsOf(path)
        .filter(
          ({ target, isType }) =>
            !(isType && path.startsWith('src/machines/') && target.startsWith('src/io/')),
        )
        .map(({ target }) => target),
    ]),
  );
  const reach = (from: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const open = [from];
    for (let path = open.pop(); path !== undefined; path = open.pop())
      for (const target of targets.get(path) ?? [])
        if (!seen.has(target)) {
          seen.add(target);
          open.push(target);
        }
    return seen;
  };
  const reached = new Map(paths.map((path) => [path, reach(path)]));
  const circles = paths
    .filter((path) => reached.get(path)!.has(path))
    .map((path) =>
      paths.filter((other) => reached.get(path)!.has(other) && reached.get(other)!.has(path)),
    );
  return [...new Map(circles.map((circle) => [circle.join(), circle])).values()];
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
    if (ts.isExportDeclaration(statement)) return false; // defined in another file
    if (!ts.canHaveModifiers(statement)) return false;
    const isExported = ts
      .getModifiers(statement)
      ?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    return isExported && !ts.isTypeAliasDeclaration(statement) && !isNumber(statement);
  });
}

/** A named limit or duration. */
function isNumber(statement: ts.Statement): boolean {
  return (
    ts.isVariableStatement(statement) &&
    statement.declarationList.declarations.every(
      ({ initializer }) => initializer !== undefined && ts.isNumericLiteral(initializer),
    )
  );
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

function filesIn(folder: string, ending = '.ts'): string[] {
  return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => `${folder}/${path}`)
    .sort();
}

function longestPrefix(prefixes: readonly string[], path: string): string {
  return prefixes
    .filter((prefix) => path.startsWith(prefix))
    .reduce((a, b) => (b.length > a.length ? b : a));
}

function covers(allowed: string, target: string): boolean {
  return allowed.endsWith('/') || allowed.endsWith(':')
    ? target.startsWith(allowed)
    : target === allowed;
}
