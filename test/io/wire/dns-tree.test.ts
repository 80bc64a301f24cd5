import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { encodeBase32 } from '../../../src/io/wire/base32.ts';
import {
  formatBranch,
  formatLink,
  formatRoot,
  MAX_BRANCH_CHILDREN,
  MAX_DOMAIN_CHARS,
  MAX_ENTRY_CHARS,
  parseEntry,
  parseLink,
  parseRoot,
  rootContent,
  TreeError,
  type TreeFault,
} from '../../../src/io/wire/dns-tree.ts';
import { toHex } from '../../support/crypto.ts';
import vectors from '../../vectors/dns-eip1459.json' with { type: 'json' };

const SIGNED_WRONG = ['ethereumjs-bad-signature', 'derived-seq-changed'];

const faultOf = (read: () => unknown): TreeFault | null => {
  try {
    read();
  } catch (error) {
    if (error instanceof TreeError) return error.fault;
    throw error;
  }
  return null;
};

describe('parseRoot', () => {
  for (const { name, text, expect: verdict, parsed } of vectors.roots)
    test(`${name}: ${verdict}`, () => {
      if (verdict !== 'accept' && !SIGNED_WRONG.includes(name))
        return expect(faultOf(() => parseRoot(text))).toMatch(
          /^(malformedRoot|malformedSignature|invalidChildHash)$/,
        );
      const root = parseRoot(text);
      if (!parsed) return;
      expect({ ...root, signature: toHex(root.signature) }).toEqual({
        recordRoot: parsed.enrRoot,
        linkRoot: parsed.linkRoot,
        seq: parsed.seq,
        signature: parsed.signature,
        signedText: parsed.signedText,
      });
      expect(rootContent(root)).toBe(parsed.signedText);
      expect(formatRoot(root.signedText, root.signature)).toBe(text);
    });

  test('a larger sequence number than is exact counts as the largest exact one', () => {
    const [, , { text } = { text: '' }] = vectors.roots;
    expect(parseRoot(text.replace('seq=3', 'seq=18446744073709551615')).seq).toBe(
      Number.MAX_SAFE_INTEGER,
    );
  });

  test('a sequence number that is not a safe integer is our own mistake', () => {
    for (const seq of [-1, 0.5, 2 ** 53])
      expect(() => rootContent({ recordRoot: 'A', linkRoot: 'B', seq })).toThrow(RangeError);
  });
});

describe('parseEntry', () => {
  for (const { name, text, expect: verdict, children } of vectors.branches)
    test(`branch ${name}: ${verdict}`, () => {
      if (verdict !== 'accept')
        return expect(faultOf(() => parseEntry(text))).toMatch(/^(invalidChildHash|unknownEntry)$/);
      expect(parseEntry(text)).toEqual({ type: 'branch', children });
      expect(formatBranch(children!)).toBe(text);
    });

  for (const { name, text, expect: verdict, parsed } of vectors.links)
    test(`link ${name}: ${verdict}`, () => {
      if (!parsed) {
        const fault = faultOf(() => parseLink(text));
        // that a key has the right length and is on the curve is checked elsewhere
        if (!/key-(too-short|not-on-curve)/.test(name)) expect(fault).toBe('missingPublicKey');
        return;
      }
      const link = parseLink(text);
      expect({ ...link, key: toHex(link.key) }).toEqual({
        key: parsed.publicKey,
        domain: parsed.domain,
      });
      expect(parseEntry(text)).toEqual({ type: 'link', ...link });
      expect(formatLink(link)).toBe(text);
    });

  for (const { text } of vectors.enrEntries)
    test(`record ${text.slice(0, 20)}`, () => {
      if (!text.startsWith('enr:'))
        return expect(faultOf(() => parseEntry(text))).toBe('unknownEntry');
      expect(parseEntry(text)).toEqual({ type: 'record', text });
    });

  for (const { text } of vectors.unknownEntries)
    test(`"${text}" is no entry`, () => {
      expect(faultOf(() => parseEntry(text))).toBe('unknownEntry');
    });

  test('the strings of one TXT record are joined before they are read', () => {
    const [two] = vectors.txtChunks;
    expect(parseEntry(two!.strings.join(''))).toEqual({
      type: 'branch',
      children: two!.joinedChildren,
    });
  });
});

describe('limits', () => {
  const child = 'A'.repeat(26);
  const KEY = 'AKPYQIUQIL7PSIACI32J7FGZW56E5FKHEFCCOFHILBIMW3M6LWXS2';

  test(`a branch has ${MAX_BRANCH_CHILDREN} children, and not one more`, () => {
    const branch = (count: number) => formatBranch(Array<string>(count).fill(child));
    expect(faultOf(() => parseEntry(branch(MAX_BRANCH_CHILDREN)))).toBeNull();
    expect(faultOf(() => parseEntry(branch(MAX_BRANCH_CHILDREN + 1)))).toBe('tooManyChildren');
  });

  test(`an entry has ${MAX_ENTRY_CHARS} characters, and not one more`, () => {
    const padded = (chars: number) => 'enr:'.padEnd(chars, 'A');
    expect(faultOf(() => parseEntry(padded(MAX_ENTRY_CHARS)))).toBeNull();
    expect(faultOf(() => parseEntry(padded(MAX_ENTRY_CHARS + 1)))).toBe('entryTooLong');
    for (const prefix of ['enrtree-branch:', 'enrtree://'])
      expect(faultOf(() => parseEntry(prefix.padEnd(MAX_ENTRY_CHARS + 1, 'A')))).toBe(
        'entryTooLong',
      );
    expect(faultOf(() => parseRoot('A'.repeat(MAX_ENTRY_CHARS + 1)))).toBe('entryTooLong');
  });

  test('a hash has 12 to 32 bytes', () => {
    const branch = (bytes: number) => formatBranch([encodeBase32(new Uint8Array(bytes))]);
    expect([11, 12, 32, 33].map((bytes) => faultOf(() => parseEntry(branch(bytes))))).toEqual([
      'invalidChildHash',
      null,
      null,
      'invalidChildHash',
    ]);
  });

  test('a domain is a name of DNS that leaves room for the names of the entries', () => {
    const link = (domain: string) => faultOf(() => parseLink(`enrtree://${KEY}@${domain}`));
    const long = `${'a.'.repeat(MAX_DOMAIN_CHARS / 2 - 1)}ab`;
    expect(link(long)).toBeNull();
    for (const domain of ['', '.', 'a..b', 'a.', '-a', 'a b', 'a/b', 'a\n', 'ä', `${long}c`, 'a@b'])
      expect([domain, link(domain)]).toEqual([domain, 'invalidDomain']);
  });

  test('a key that is not base32 is invalid', () => {
    expect(faultOf(() => parseLink('enrtree://abc@n'))).toBe('invalidPublicKey');
  });
});

const texts = fc.oneof(
  fc.string({ maxLength: 1_200 }),
  fc
    .tuple(
      fc.constantFrom('enrtree-root:v1 ', 'enrtree-branch:', 'enrtree://', 'enr:'),
      fc.stringMatching(/^[A-Z2-7,@.= seqlig:_-]{0,120}$/),
    )
    .map((parts) => parts.join('')),
);

test('any text is read or has a named fault', () => {
  fc.assert(
    fc.property(texts, (text) => {
      for (const read of [parseRoot, parseEntry, parseLink]) faultOf(() => read(text));
    }),
    { seed: 1459, numRuns: 500 },
  );
});
