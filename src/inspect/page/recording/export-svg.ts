/** A drawing of the page as a file of its own: every style that it wears is written into it, in the theme of now. */

/** What looks different without the style sheet, and what is so anyway. */
const STYLES: Readonly<Record<string, string>> = {
  fill: '',
  'fill-opacity': '1',
  stroke: 'none',
  'stroke-width': '1px',
  'stroke-dasharray': 'none',
  'stroke-linejoin': 'miter',
  'paint-order': 'normal',
  opacity: '1',
  'font-family': '',
  'font-size': '',
  'font-weight': '400',
  'font-style': 'normal',
  'text-anchor': 'start',
};

/** Those that only text wears. */
const OF_TEXT = /^(?:font-|text-)/;

/** What is written as styles, or means nothing outside of the page. */
const LEFT_OUT = new Set(['class', 'style', 'xmlns', 'tabindex']);

/** What is needed of an element. */
export type Drawn = {
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>;
  readonly childNodes: Iterable<Drawn>;
};

/** @param styleOf The value of a property as it is worn. @param paper The colour behind it. */
export function svgText(
  drawing: Drawn,
  paper: string,
  styleOf: (element: Drawn, property: string) => string,
): string {
  const box = [...(drawing.attributes ?? [])].find(({ name }) => name === 'viewBox')?.value ?? '';
  const [, , width = '0', height = '0'] = box.split(' ');
  const size = ` width="${escaped(width)}" height="${escaped(height)}"`;
  const sheet = `<rect${size} fill="${escaped(paper)}"/>`;
  const inner = [...drawing.childNodes].map((child) => written(child, styleOf)).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg"${size} viewBox="${escaped(box)}">${sheet}${inner}</svg>\n`;
}

function written(node: Drawn, styleOf: (element: Drawn, property: string) => string): string {
  if (!node.attributes) return escaped(node.textContent ?? ''); // text
  if (styleOf(node, 'display') === 'none' || styleOf(node, 'visibility') === 'hidden') return '';
  const { nodeName: name } = node;
  const styles = Object.entries(STYLES).flatMap(([property, usual]) => {
    const isMeant = name === 'text' || !OF_TEXT.test(property);
    const value = isMeant && name !== 'g' && name !== 'title' ? styleOf(node, property) : '';
    return value === '' || value === usual ? [] : [` ${property}="${escaped(value)}"`];
  });
  const faded = name === 'g' ? styleOf(node, 'opacity') : '';
  const opacity = faded === '' || faded === '1' ? '' : ` opacity="${escaped(faded)}"`;
  const inner = [...node.childNodes].map((child) => written(child, styleOf)).join('');
  return `<${name}${attributesOf(node)}${styles.join('')}${opacity}>${inner}</${name}>`;
}

/** Without those that are written as styles anyway. */
function attributesOf({ attributes = [] }: Drawn): string {
  const kept = [...attributes].filter(
    ({ name }) => !LEFT_OUT.has(name) && !Object.hasOwn(STYLES, name),
  );
  return kept.map(({ name, value }) => ` ${name}="${escaped(value)}"`).join('');
}

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
