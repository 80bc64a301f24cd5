import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { elementsNamed, readXml, textNamed, xmlText } from '../../../src/io/nat/xml.ts';

test('elements have a name without its prefix, their text and their children', () => {
  const xml = readXml(
    '<?xml version="1.0"?><!-- > --><a:root x="1"><b> one &amp; &lt;two&gt; </b><c/><b><![CDATA[<3>]]></b></a:root>',
  );
  expect(xml).toMatchObject({ name: 'root', children: [{ name: 'b' }, { name: 'c' }, {}] });
  expect(textNamed('b', xml)).toBe('one & <two>');
  expect(elementsNamed('b', xml)[1]!.text).toBe('<3>');
  expect(textNamed('d', xml)).toBeNull();
});

describe('XML is refused', () => {
  test.for([
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', /declares a type or an entity/],
    ['<a>&b;</a>', /an entity that is not one of the five/],
    ['<a>&#65;</a>', /an entity that is not one of the five/],
    ['<a><b></a></b>', /not closed in order/],
    ['</a>', /not closed in order/],
    ['<a>', /has no end/],
    ['<a', /has no end/],
    ['<a><!-- ', /has no end/],
    ['<a><![CDATA[', /has no end/],
    ['', /has no end/],
    ['< >', /a tag without a name/],
    [`${'<a>'.repeat(20)}${'</a>'.repeat(20)}`, /too large/],
    [`<a>${'<b/>'.repeat(2_000)}</a>`, /too large/],
  ] as const)('%s', ([source, why]) => {
    expect(() => readXml(source)).toThrow(why);
  });
});

test('XML within the bounds is read', () => {
  expect(readXml(`${'<a>'.repeat(19)}${'</a>'.repeat(19)}`).name).toBe('a');
  expect(readXml(`<a>${'<b/>'.repeat(1_999)}</a>`).children).toHaveLength(1_999);
});

test('any text is read or refused', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    '<a>',
    '</a>',
    '<!',
    '<?',
    '--',
    ']]>',
    '&amp;',
    '&x;',
    'a',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        readXml(pieces.join(''));
      } catch (error) {
        expect((error as Error).message).toMatch(/^the XML /);
      }
    }),
  );
});

test('text of ours that is put into XML is read as it was', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(readXml(`<a>${xmlText(text)}</a>`).text).toBe(text);
    }),
  );
});
