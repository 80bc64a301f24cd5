import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { transitionsOf } from '../../src/charts/chart-reading.ts';
import { exactDuration } from '../../src/charts/chart-words.ts';
import { indexPage, machinePage } from '../../src/charts/page.ts';
import { readMachines } from '../../src/charts/write-charts.ts';

const subjects = await readMachines();

describe.each(subjects.map((subject) => [subject.model.id, subject] as const))(
  'page of %s',
  (id, subject) => {
    const page = machinePage(subject);
    const { model, purpose } = subject;

    test('has the purpose of the machine before the picture', () => {
      expect(purpose).not.toBe('');
      expect(page.startsWith(`# ${id}\n\n${purpose}\n\n`)).toBe(true);
      const picture = page.indexOf(`](${id}.svg)`);
      expect(picture).toBeGreaterThan(0);
      expect(page.indexOf('```mermaid\nstateDiagram-v2\n')).toBeGreaterThan(picture);
    });

    test('has a row for every state, with its description and its remedy', () => {
      for (const { path, key, parent, description, remedy } of model.states) {
        if (parent === null) continue;
        const isRow = (line: string) =>
          (line.startsWith(`| \`${path}\` |`) || line.startsWith(`| \`${key}\` |`)) &&
          line.includes(description) &&
          line.includes(remedy);
        expect(page.split('\n').some(isRow), path).toBe(true);
      }
    });

    test('has every delay with its duration', () => {
      for (const { name, ms } of model.delays)
        expect(page).toContain(`| \`${name}\` | ${exactDuration(ms)} |`);
    });

    test('says nothing about the source file except where it is', () => {
      expect(page).not.toMatch(/Longer than|Drawn in|Chart: docs/);
    });

    test('has every event', () => {
      for (const { trigger } of transitionsOf(model))
        if (trigger.kind === 'event') expect(page).toContain(`| \`${trigger.name}\` |`);
    });

    test('is the same on every run', () => {
      expect(machinePage(subject)).toBe(page);
    });

    test('links only to pages and sources that exist', () => {
      const links = [...page.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, link]) => link);
      const pages = ['README.md', ...subjects.map((one) => `${one.model.id}.md`)];
      expect(links.filter((link) => !pages.includes(link!))).toEqual([]);
      const [, source] = /\]\(\.\.\/\.\.\/(src\/machines\/[^)]+)\)/.exec(page)!;
      expect(existsSync(new URL(`../../${source}`, import.meta.url))).toBe(true);
    });
  },
);

test('the index has one line per machine, with one sentence', () => {
  const index = indexPage(subjects);
  for (const { model } of subjects)
    expect(index).toMatch(
      new RegExp(`^\\| \\[${model.id}\\]\\(${model.id}\\.md\\) \\| [^|]+\\. \\|`, 'm'),
    );
});
