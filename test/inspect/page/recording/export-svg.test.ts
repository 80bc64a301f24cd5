/** A drawing with its styles as attributes. */
import { expect, test } from 'vitest';

import { type Drawn, svgText } from '../../../../src/inspect/page/recording/export-svg.ts';

type Styles = Readonly<Record<string, string>>;

const styles = new Map<Drawn, Styles>();

function element(
  nodeName: string,
  attributes: Readonly<Record<string, string>>,
  worn: Styles,
  ...childNodes: readonly Drawn[]
): Drawn {
  const drawn: Drawn = {
    nodeName,
    textContent: null,
    attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
    childNodes,
  };
  styles.set(drawn, worn);
  return drawn;
}

const text = (textContent: string): Drawn => ({ nodeName: '#text', textContent, childNodes: [] });

const written = (...children: readonly Drawn[]) =>
  svgText(
    element(
      'svg',
      { viewBox: '0 0 20 10', class: 'statechart', style: 'width: 1px' },
      {},
      ...children,
    ),
    'white',
    (drawn, property) => styles.get(drawn)?.[property] ?? '',
  );

const inner = (...children: readonly Drawn[]) =>
  /^<svg [^>]*><rect width="20" height="10" fill="white"\/>(.*)<\/svg>\n$/s.exec(
    written(...children),
  )?.[1];

test('the file has the size of the drawing and a background', () => {
  expect(written()).toBe(
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10" viewBox="0 0 20 10"><rect width="20" height="10" fill="white"/></svg>\n',
  );
});

test('computed styles are written as attributes, classes are not', () => {
  const box = element(
    'rect',
    { class: 'box on', x: '1', width: '5', fill: 'pink' },
    {
      fill: 'rgb(1, 2, 3)',
      stroke: 'none',
      'stroke-width': '2px',
      opacity: '1',
      'font-size': '9px',
    },
  );
  expect(inner(box)).toBe('<rect x="1" width="5" fill="rgb(1, 2, 3)" stroke-width="2px"></rect>');
});

test('text has its font', () => {
  const words = element(
    'text',
    { y: '4' },
    { 'font-size': '9px', 'font-weight': '600' },
    text('hi'),
  );
  expect(inner(words)).toBe('<text y="4" font-size="9px" font-weight="600">hi</text>');
});

test('hidden elements are left out', () => {
  const hidden = element('g', {}, { display: 'none' }, text('a'));
  const unseen = element('rect', {}, { visibility: 'hidden' });
  expect(inner(hidden, unseen)).toBe('');
});

test('a group keeps its opacity and no other style', () => {
  const group = element('g', { class: 'row' }, { opacity: '0.5', fill: 'red' });
  expect(inner(group)).toBe('<g opacity="0.5"></g>');
});

test('text is escaped', () => {
  const title = element('title', {}, { fill: 'red' }, text('<script>&"'));
  const odd = element('path', { 'data-x': '"><script>' }, {});
  expect(inner(title, odd)).toBe(
    '<title>&lt;script&gt;&amp;&quot;</title><path data-x="&quot;&gt;&lt;script&gt;"></path>',
  );
});
