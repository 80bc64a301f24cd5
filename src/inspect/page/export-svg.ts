/** A drawing of the page as a file of its own: every style that it wears is written into it, in the theme of now. */

/** What looks different without the style sheet. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'paint-order',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'font-style',
  'text-anchor',
] as const;

/** What a browser says when nothing was chosen. */
const USUAL: Readonly<Record<string, string>> = {
  'fill-opacity': '1',
  'stroke-dasharray': 'none',
  'stroke-linejoin': 'miter',
  'paint-order': 'normal',
  opacity: '1',
  'font-style': 'normal',
  'text-anchor': 'start',
};

const SVG = 'http://www.w3.org/2000/svg';

/** @param paper The colour behind it. */
export function svgText(drawing: SVGElement, paper: string): string {
  const copy = dressed(drawing);
  if (!copy) return '';
  const [, , width = '0', height = '0'] = (drawing.getAttribute('viewBox') ?? '').split(' ');
  copy.setAttribute('xmlns', SVG);
  copy.setAttribute('width', width);
  copy.setAttribute('height', height);
  const sheet = drawing.ownerDocument.createElementNS(SVG, 'rect');
  for (const [name, value] of Object.entries({ width, height, fill: paper }))
    sheet.setAttribute(name, value);
  copy.prepend(sheet);
  return `${new XMLSerializer().serializeToString(copy)}\n`;
}

/** A copy with its styles as attributes; null for what is not to be seen. */
function dressed(element: Element): Element | null {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden') return null;
  const copy = element.cloneNode(false) as Element;
  copy.removeAttribute('class');
  copy.removeAttribute('style');
  for (const name of STYLES) {
    const value = style.getPropertyValue(name);
    if (value !== '' && value !== USUAL[name]) copy.setAttribute(name, value);
  }
  for (const child of element.childNodes) {
    if (child instanceof Element) {
      const inner = dressed(child);
      if (inner) copy.append(inner);
    } else copy.append(child.cloneNode());
  }
  return copy;
}
