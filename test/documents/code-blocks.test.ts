/**
 * The code that pages show. Each `ts` block is checked against the sources with the options of this repository, each
 * `js` block by Node itself; `ts run` and `js run` are run as well, and what they print is what the `text output` block
 * behind them says. `follows` continues the block before it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Block, blocksOf, pages, ROOT } from './pages.ts';

type Program = {
  readonly language: 'ts' | 'js';
  readonly title: string;
  readonly isRun: boolean;
  readonly code: string;
  /** What it prints; null when the page does not say. */
  output: string | null;
};

const programs = pages.flatMap((page) => programsOf(page.path, blocksOf(page)));
const folder = mkdtempSync(new URL('.blocks-', ROOT).pathname);
const fileOf = (program: Program): string =>
  `${folder}/${programs.indexOf(program)}.${program.language === 'ts' ? 'ts' : 'mjs'}`;

beforeAll(() => {
  for (const program of programs) writeFileSync(fileOf(program), program.code);
});

afterAll(() => rmSync(folder, { recursive: true }));

test('every block says its language', () => {
  for (const page of pages)
    for (const { info, line } of blocksOf(page)) expect(info, `${page.path}:${line}`).not.toBe('');
});

test('blocks of code pass the type checker', () => {
  const config = ts.readConfigFile(new URL('tsconfig.json', ROOT).pathname, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT.pathname);
  const checked = programs.filter(({ language }) => language === 'ts');
  const files = checked.map(fileOf);
  const checker = ts.createProgram(files, { ...options, noUnusedLocals: false });
  const complaints = files.flatMap((file, index) => {
    const source = checker.getSourceFile(file);
    const found = [
      ...checker.getSyntacticDiagnostics(source),
      ...checker.getSemanticDiagnostics(source),
    ];
    return found.map(
      ({ messageText, start = 0 }) =>
        `${checked[index]!.title}, line ${source!.getLineAndCharacterOfPosition(start).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
  expect(complaints).toEqual([]);
}, 60_000);

test.for(programs.filter(({ language }) => language === 'js'))(
  'plain JavaScript is read by this version of Node: $title',
  (program) => {
    execFileSync(process.execPath, ['--check', fileOf(program)], { timeout: 60_000 }); // throws
  },
);

describe('run to their end', () => {
  test.for(programs.filter(({ isRun }) => isRun))('$title', async (program) => {
    const lines: string[] = [];
    const log = vi
      .spyOn(console, 'log')
      .mockImplementation((...words: unknown[]) => void lines.push(words.map(String).join(' ')));
    try {
      await import(/* @vite-ignore */ fileOf(program));
    } finally {
      log.mockRestore();
    }
    if (program.output !== null) expect(lines).toEqual(program.output.trimEnd().split('\n'));
  });
});

function programsOf(path: string, blocks: readonly Block[]): readonly Program[] {
  const found: Program[] = [];
  for (const { info, line, code } of blocks) {
    const words = info.split(' ');
    const [language] = words;
    const last = found.at(-1);
    if (info === 'text output' && last) last.output = code;
    if (language !== 'ts' && language !== 'js') continue;
    if (!words.includes('follows'))
      found.push({
        language,
        title: `${path}:${line}`,
        isRun: words.includes('run'),
        code: `${code}\nexport {};\n`,
        output: null,
      });
    else if (last) found[found.length - 1] = { ...last, code: `${last.code}\n${code}` };
  }
  return found;
}
