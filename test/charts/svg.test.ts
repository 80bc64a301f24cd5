import { describe, expect, test } from 'vitest';

import { chartModel } from '../../src/charts/chart-model.ts';
import { pictureOf } from '../../src/charts/picture.ts';
import { svg } from '../../src/charts/svg.ts';
import { allUnfolded } from '../../src/charts/unfold.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import { sampleMachine } from './sample.ts';

const picture = await pictureOf(chartModel(sampleMachine));
const text = svg(picture);

describe('an SVG', () => {
  test('has every text of the picture, escaped for XML', () => {
    const texts = [
      ...picture.boxes.flatMap((box) => [...box.texts, ...box.rows.flatMap((row) => row.texts)]),
      ...picture.arrows.flatMap((arrow) => arrow.texts),
    ];
    for (const one of texts)
      expect(text).toContain(`>${one.text.replaceAll('"', '&quot;')}</text>`);
    expect(text).toContain('[has a:b;&quot;c&quot;#{}]');
  });

  test('closes every element', () => {
    const open: string[] = [];
    for (const [, slash, name, self] of text.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
      if (slash) expect(open.pop()).toBe(name);
      else if (!self) open.push(name!);
    }
    expect(open).toEqual([]);
  });

  test('has no external reference and no script', () => {
    expect(text.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|@import|<script|href|url\(| on\w+=/,
    );
  });

  test('has only valid numbers', () => {
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('has its size and a title', () => {
    expect(text).toContain(
      `width="${picture.width}" height="${allUnfolded(picture).height}" role="img"`,
    );
    expect(text).toContain('<title>Statechart of the sample machine</title>');
    expect(text).toContain('<title>end: Waits | looks.</title>');
  });

  test('marks every outcome with a cross, and every arrow with a head', async () => {
    const setup = await pictureOf(chartModel(connectionSetupMachine));
    const rows = setup.boxes.flatMap((box) => box.rows);
    const lines = setup.arrows.length + setup.starts.length;
    expect(svg(setup).match(/<path class="mark"/g)).toHaveLength(rows.length);
    expect(svg(setup).match(/<path class="head"/g)).toHaveLength(lines);
  });

  test('has dark colours for the same classes', () => {
    const [light, dark] = text
      .slice(text.indexOf('<style>'), text.indexOf('</style>'))
      .split('@media (prefers-color-scheme:dark){');
    const coloured = (css: string) =>
      [...css.matchAll(/^(.*)\{(?:fill|stroke):#\w{6}/gm)].map(([, selector]) => selector);
    expect(coloured(dark!)).toEqual(coloured(light!));
    expect(coloured(dark!).length).toBeGreaterThan(12);
  });

  test.for([
    ['light', 0],
    ['dark', 1],
  ] as const)('every text has enough contrast on every background when %s', ([, part]) => {
    const css = text.split('@media (prefers-color-scheme:dark){')[part]!;
    const colour = (selector: string) =>
      new RegExp(`^${selector.replaceAll('.', '\\.')}\\{fill:(#\\w{6})`, 'm').exec(css)![1]!;
    const grounds = ['.paper,.label', '.box,.final,.anywhere', '.outer', '.inner', '.outcomes'];
    for (const ink of ['text', '.note,.when', '.outcome,.listed', '.timed .when'])
      for (const ground of grounds)
        expect(contrast(colour(ink), colour(ground)), `${ink} on ${ground}`).toBeGreaterThan(4.5);
  });
});

/** WCAG 2.2, "contrast ratio". */
function contrast(one: string, other: string): number {
  const [dim, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright! + 0.05) / (dim! + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
