/** docs/security.md has a row for each code that sources and tests cite, and its rows are cited. */
import { expect, test } from 'vitest';
import { filesBelow, pageAt, read } from './pages.ts';

/** Codes of attacks, defects and explanations. `§2` and `quirk 24` are codes too. */
const CODE = /(?<![\w#.])(?:[CDFJKPRWX]\d{1,2}|§ ?\d{1,2}|quirk \d{1,2})(?!\w)/g;

/** Where capital letters and numbers stand for something else: drawings, and bytes of other clients. */
const NO_CODES = /inspect\/page\/|\/charts\/|test\/vectors\/|geth-peer\/|test\/fuzz\/corpus\//;

/** `C1 control` is a kind of character. */
const NO_CODE = /C1 controls?/g;

const page = pageAt('docs/security.md');
const rows = [...page.text.matchAll(/^\| ([A-Z]\d+|§\d+|\d+) \|/gm)].map(([, code]) =>
  /^\d/.test(code!) ? `quirk ${code}` : code!,
);
const cited = new Map<string, string>();
for (const path of [...filesBelow('src', /\.tsx?$/), ...filesBelow('test', /\.(m?ts|mjs)$/)]) {
  if (NO_CODES.test(path) || path.startsWith('test/documents/')) continue;
  for (const [code] of read(path).replace(NO_CODE, '').matchAll(CODE))
    cited.set(code.replace('§ ', '§'), path);
}

test('every code that a source or a test cites has a row', () => {
  expect(cited.size).toBeGreaterThan(70);
  expect([...cited].filter(([code]) => !rows.includes(code))).toEqual([]);
});

test('every row is cited, except those of the inspector, and there is one for each code', () => {
  expect(rows.filter((code) => !cited.has(code) && !code.startsWith('W'))).toEqual([]);
  expect(rows).toEqual([...new Set(rows)]);
});

test('every row of an attack or a quirk names tests', () => {
  const lines = page.text.split('\n').filter((line) => /^\| ([CFKPRWJ]\d+|\d+) \|/.test(line));
  expect(lines.filter((line) => !/`test\/[^`]+`/.test(line))).toEqual([]);
});

test('other pages cite codes that have a row', () => {
  for (const path of filesBelow('docs', /\.md$/))
    if (!path.includes('statecharts'))
      for (const [code] of read(path).matchAll(CODE)) expect(rows).toContain(code);
});
