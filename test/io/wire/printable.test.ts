import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  printable,
  printableJson,
  printableLines,
  printableStrings,
} from '../../../src/io/wire/printable.ts';

describe('printable', () => {
  const cases: [sentence: string, text: string, shown: string][] = [
    ['plain text stays', 'Geth/v1.16.0-stable/linux-amd64', 'Geth/v1.16.0-stable/linux-amd64'],
    ['letters of any script stay', 'größe 節點 🦀', 'größe 節點 🦀'],
    ['a line break', 'a\r\nb', 'a\\u{d}\\u{a}b'],
    ['a terminal sequence', '\u001b[2J', '\\u{1b}[2J'],
    ['a C1 control', '\u009b2J', '\\u{9b}2J'],
    ['a right-to-left override', 'a\u202eb', 'a\\u{202e}b'],
    ['NUL', '\u0000', '\\u{0}'],
    ['a byte order mark', '\ufeffa', '\\u{feff}a'],
    ['a zero-width joiner', 'a\u200db', 'a\\u{200d}b'],
    ['the Unicode line separator', '\u2028', '\\u{2028}'],
    ['the Unicode paragraph separator', '\u2029', '\\u{2029}'],
    ['a lone high surrogate', 'a\ud800', 'a\\u{d800}'],
    ['a lone low surrogate', '\udc00a', '\\u{dc00}a'],
    ['a private character', '\ue000', '\\u{e000}'],
    ['a tag character beyond the first plane', '\u{e0041}', '\\u{e0041}'],
    ['a variation selector', 'a\ufe0f', 'a\\u{fe0f}'],
    ['a supplementary variation selector', 'a\u{e0101}', 'a\\u{e0101}'],
    ['a Hangul filler', '\u3164', '\\u{3164}'],
    ['a combining grapheme joiner', 'a\u034f', 'a\\u{34f}'],
    ['no text', '', ''],
  ];
  for (const [sentence, text, shown] of cases)
    test(`P16: ${sentence}`, () => {
      expect(printable(text)).toBe(shown);
    });

  test('P16: 128 characters are shown whole and one more is cut', () => {
    expect(printable('x'.repeat(128))).toBe('x'.repeat(128));
    expect(printable('x'.repeat(129))).toBe(`${'x'.repeat(127)}…`);
  });

  test('P16: 256 bytes of emoji are shown whole, and cut between two of them', () => {
    expect(printable('🦀'.repeat(64))).toBe('🦀'.repeat(64));
    expect(printable('🦀'.repeat(65))).toBe(`${'🦀'.repeat(63)}…`);
  });

  test('an escape is shown whole or not at all', () => {
    expect(printable('\n\n', 10)).toBe('\\u{a}\\u{a}');
    expect(printable('\n\n', 9)).toBe('\\u{a}…');
    expect(printable('\n\n', 5)).toBe('…');
  });

  test('P16: the output has no control characters, line breaks or half characters', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(fc.nat(0xffff), { maxLength: 300 }).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 200 }), (one, maxChars) => {
        const shown = printable(one, maxChars);
        expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(shown.length).toBeLessThanOrEqual(maxChars);
      }),
    );
  });

  test('P16: a huge text costs no more work than its shown part', () => {
    expect(printable('\u001b'.repeat(10_000_000))).toHaveLength(127);
  });
});

test('the lines of a text stay, and nothing is cut', () => {
  const long = 'x'.repeat(5_000);
  expect(printableLines(`a\u001b\n${long}\r\n`)).toBe(`a\\u{1b}\n${long}\\u{d}\n`);
});

test('every string of a value is escaped and none is cut; other values and names stay', () => {
  const long = 'x'.repeat(5_000);
  expect(printableStrings({ a: ['\u009b', 7, null], b: { c: long, d: undefined } })).toEqual({
    a: ['\\u{9b}', 7, null],
    b: { c: long, d: undefined },
  });
});

test('JSON has none of these characters, and is read as the same value', () => {
  const value = { 'a\u202e': ['\u007f\u009b\u2028\u{e0041}\ufe0f', '\ud800', 'größe 🦀', 1, null] };
  const json = printableJson(value);
  expect(json).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
  expect(json).toContain('größe 🦀');
  expect(JSON.parse(json)).toEqual(value);
});
