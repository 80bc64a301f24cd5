/** A drawing of the page as a separate file: computed styles become attributes, in the current theme. */

/** Written properties, with the default value that is left out. */
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

/** Properties of text elements only. */
const OF_TEXT = /^(?:font-|text-)/;

/** Attributes without effect outside the page, or written as styles. */
const LEFT_OUT = new Set(['class', 'style', 'xmlns', 'tabindex']);

/** The used part of an element. */
export type Drawn = {
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>;
  readonly childNodes: Iterable<Drawn>;
};

/** @param styleOf The computed value of a property. @param paper The background colour. */
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

/** Without those written as styles. */
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
