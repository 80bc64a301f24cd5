import { describe, expect, test } from 'vitest';
import { type ChartModel, chartModel } from '../../src/charts/chart-model.ts';
import { groupOf, outcomeGroups } from '../../src/charts/chart-reading.ts';
import { mermaid } from '../../src/charts/mermaid.ts';
import { readMachines } from '../../src/charts/write-charts.ts';
import { REJECTIONS } from '../../src/machines/connection/connection-endings.ts';
import { sampleMachine, twinMachine } from './sample.ts';

const sample = chartModel(sampleMachine);
const twin = chartModel(twinMachine);
const models = [...(await readMachines()).map(({ model }) => model), sample, twin];

/** Every line that a picture may hold; ids are letters, digits and underscores. */
const LABEL = '[\\p{L}\\p{N} \\u00a0._,()\\[\\]/→…-]+';
const GRAMMAR = [
  /^stateDiagram-v2$/,
  /^direction TB$/,
  new RegExp(`^state "${LABEL}" as \\w+( \\{)?$`, 'u'),
  /^\}$/,
  /^--$/,
  /^\[\*\] --> \w+$/,
  new RegExp(`^\\w+ --> \\w+ : ${LABEL}(<br/>${LABEL})*$`, 'u'),
  new RegExp(`^\\w+ : ${LABEL}$`, 'u'),
  /^classDef \w+ [\w#:, -]+$/,
  /^class \w+(,\w+)* \w+$/,
];

describe.each(models.map((model) => [model.id, model] as const))('picture of %s', (_, model) => {
  const lines = trimmed(model);

  test('contains only lines that Mermaid accepts', () => {
    expect(lines.filter((line) => !GRAMMAR.some((rule) => rule.test(line)))).toEqual([]);
  });

  test('closes every box, and has regions only inside a box', () => {
    let depth = 0;
    for (const line of lines) {
      if (line.endsWith('{')) depth += 1;
      if (line === '}') depth -= 1;
      if (line === '--') expect(depth).toBeGreaterThan(0);
    }
    expect(depth).toBe(0);
  });

  test('declares every box once, and mentions no other', () => {
    const boxes = lines.flatMap((line) => /^state .* as (\w+)/.exec(line)?.[1] ?? []);
    expect(new Set(boxes).size).toBe(boxes.length);
    const mentioned = lines.flatMap((line) => {
      const [, from, to] = /^(\[\*\]|\w+) --> (\w+)/.exec(line) ?? [];
      return [from, to].filter((id) => id !== undefined && id !== '[*]');
    });
    expect(mentioned.filter((id) => !boxes.includes(id!))).toEqual([]);
  });

  test('draws every state except the outcomes', () => {
    const boxes = lines.filter((line) => /^state /.test(line) && !line.includes(' as any_'));
    const drawn = model.states.filter((state) => state.parent !== null && !groupOf(model, state));
    const wrapper = model.states[0]!.type === 'parallel' ? 1 : 0;
    expect(boxes).toHaveLength(drawn.length + wrapper);
  });

  test('no arrow goes from a box to something inside it', () => {
    for (const line of lines) {
      const [, from, to] = /^(s_\w*) --> (s_\w+)/.exec(line) ?? [];
      if (from !== undefined && to !== undefined) expect(to.startsWith(`${from}_`)).toBe(false);
    }
  });

  test('an outcome group is one box with an arrow into it', () => {
    for (const { path, children } of outcomeGroups(model)) {
      const id = `s_${path.replaceAll('.', '_')}`;
      expect(lines).toContain(`${id} : ${children.length} reasons, listed below`);
      expect(lines.some((line) => line.includes(`--> ${id} :`))).toBe(true);
    }
  });
});

describe('picture', () => {
  const lines = trimmed(sample);

  test('has no character with a meaning in Mermaid in a label', () => {
    expect(lines).toContain('s_end --> s_busy_left_on : [has a b c ]');
    expect(lines).toContain('s_busy_right_class --> s_busy : a b c');
  });

  test('starts transitions of a compound state into itself from a pseudo state', () => {
    expect(lines).toContain('state "any state" as any_s_');
    expect(lines).toContain('state "any state of busy" as any_s_busy');
    expect(lines).toContain('any_s_busy --> s_busy_left_on : again');
  });

  test('puts all events between two boxes on one arrow', () => {
    expect(lines).toContain(
      's_end --> s_busy : go [isReady]<br/>after pause (250\u00a0ms)<br/>[isReady]',
    );
  });

  test('shows the number of events of a family', () => {
    const setup = models.find(({ id }) => id === 'connection-setup')!;
    expect(trimmed(setup)).toContain(
      `any_s_ --> s_rejected : ${Object.keys(REJECTIONS).length} reject events`,
    );
  });

  test('draws a time limit to the outcome it raises', () => {
    const setup = models.find(({ id }) => id === 'connection-setup')!;
    expect(trimmed(setup)).toContain(
      's_protoHandshake --> s_rejected : after 5\u00a0s → helloTimeout',
    );
  });

  test('wraps a parallel root', () => {
    expect(trimmed(twin)).toContain('state "twin" as s_ {');
  });
});

function trimmed(model: ChartModel): readonly string[] {
  return mermaid(model)
    .split('\n')
    .map((line) => line.trim());
}
