/**
 * The small part of XML that routers answer with. A document with a type declaration or an entity of its own is refused, so
 * that a few bytes never become many. Read in one pass, with bounds for depth and elements.
 */

export type XmlElement = {
  /** Without its prefix. */
  readonly name: string;
  /** The text in it, without that of elements in it. */
  readonly text: string;
  readonly children: readonly XmlElement[];
};

/** Ours: descriptions of routers have fewer than 10 levels and 200 elements. */
const MAX_DEPTH = 20;
const MAX_ELEMENTS = 2_000;

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

const NAME = /^\/?([^\s/>:]+:)?([^\s/>:]+)/;

type Open = { name: string; text: string; children: XmlElement[] };

/** @throws {Error} Not XML that is understood here. */
export function readXml(source: string): XmlElement {
  const root: Open = { name: '', text: '', children: [] };
  const open: Open[] = [root];
  let elements = 0;
  let at = 0;
  while (at < source.length) {
    const start = source.indexOf('<', at);
    const current = open.at(-1)!;
    current.text += plainText(source.slice(at, start < 0 ? source.length : start));
    if (start < 0) break;
    if (source.startsWith('<!--', start)) {
      at = after(source, '-->', start);
      continue;
    }
    if (source.startsWith('<![CDATA[', start)) {
      at = after(source, ']]>', start);
      current.text += source.slice(start + 9, at - 3);
      continue;
    }
    if (source.startsWith('<!', start)) throw new Error('the XML declares a type or an entity');
    at = after(source, '>', start);
    if (source[start + 1] === '?') continue;
    const tag = source.slice(start + 1, at - 1);
    const name = NAME.exec(tag)?.[2];
    if (name === undefined) throw new Error('the XML has a tag without a name');
    if (tag.startsWith('/')) {
      if (open.length === 1 || current.name !== name)
        throw new Error('the XML is not closed in order');
      open.pop();
      continue;
    }
    elements += 1;
    const element: Open = { name, text: '', children: [] };
    current.children.push(element);
    if (!tag.endsWith('/')) open.push(element);
    if (elements > MAX_ELEMENTS || open.length > MAX_DEPTH) throw new Error('the XML is too large');
  }
  const [first] = root.children;
  if (open.length > 1 || !first) throw new Error('the XML has no end');
  return first;
}

/** Every element of this name, in the order of the document. */
export function elementsNamed(name: string, { children }: XmlElement): readonly XmlElement[] {
  return children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...elementsNamed(name, child),
  ]);
}

/** The trimmed text of the first element of this name; null when there is none. */
export const textNamed = (name: string, element: XmlElement): string | null =>
  elementsNamed(name, element)[0]?.text.trim() ?? null;

/** For the text of an element. */
export const xmlText = (text: string): string =>
  text.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char]!);

function after(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  if (at < 0) throw new Error('the XML has no end');
  return at + mark.length;
}

const plainText = (text: string): string =>
  text.replace(/&[^;\s]{1,8};/g, (entity) => {
    const plain = ENTITIES[entity];
    if (plain === undefined) throw new Error('the XML uses an entity that is not one of the five');
    return plain;
  });
