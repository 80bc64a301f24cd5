/** A picture of a chart as Mermaid text. */
import { expect, test } from 'vitest';

import { CHARTS, MACHINES } from '../../../../src/inspect/page/chart/charts.ts';
import { mermaidOf } from '../../../../src/inspect/page/recording/export-mermaid.ts';

const of = (machine: string, ...active: readonly string[]) =>
  mermaidOf(CHARTS.get(machine)!.picture, new Set(active)).split('\n');

test('states are nested, with the initial states of the chart', () => {
  const lines = of('listener');
  expect(lines.slice(0, 6)).toEqual([
    'stateDiagram-v2',
    '  direction TB',
    '  [*] --> s_open',
    '  state "open" as s_open {',
    '    [*] --> s_open_binding',
    '    state "binding" as s_open_binding',
  ]);
});

test('an arrow has all its labels', () => {
  expect(of('listener')).toContain(
    '  s_open --> s_lost : socket.closed<br/>bind.failed<br/>accept.failed [otherwise]<br/>callerLookup fails<br/>socketServer fails',
  );
});

test('a transition that the picture shows as a jump is an arrow', () => {
  expect(of('server')).toContain(
    '  s_active_phase_rollingBack_localNode --> s_idle : after localNodeTimeout (10 s)<br/>[hasNoLocalNode]',
  );
});

test('parallel regions are separated', () => {
  const lines = of('dial-scheduler');
  expect(lines.filter((line) => line === '    --')).toHaveLength(4);
});

test('active states are marked, except those the picture lacks', () => {
  expect(of('listener', 'open', 'open.full', 'nowhere').slice(-3)).toEqual([
    '  classDef active stroke:#0b62d6,stroke-width:3px',
    '  class s_open,s_open_full active',
    '',
  ]);
  expect(of('listener').join('\n')).not.toContain('classDef');
});

test('outcomes become notes, cut after the first ones', () => {
  const lines = of('connection-setup');
  const at = lines.indexOf('  note right of s_failed');
  const note = lines.slice(at + 1, lines.indexOf('  end note', at));
  expect(note).toHaveLength(9);
  expect(note[0]).toBe('    ends in destinationKeyMissing');
  expect(note.at(-1)).toMatch(/^ {4}and \d+ more$/);
});

test.for(MACHINES)(
  'of %s every state has one name, braces are closed, and each line is one of the language',
  (machine) => {
    const lines = of(machine).filter((line) => line !== '');
    const names = lines.flatMap((line) => /^ *state "[^"]*" as (\w+)/.exec(line)?.[1] ?? []);
    expect(new Set(names).size).toBe(names.length);
    const count = (mark: string) => lines.filter((line) => line.trim().endsWith(mark)).length;
    expect(count('{')).toBe(count('}'));
    const inNote = /^ {4}(ends in |and \d)/;
    const known =
      /^(stateDiagram-v2| *direction TB| *--| *\}| *state "[\p{L}\p{N} .-]+" as s_\w*( \{)?| *(\[\*\]|s_\w*) --> s_\w*( : [^"{};#]+)?| *note right of s_\w*| *end note)$/u;
    expect(lines.filter((line) => !known.test(line) && !inNote.test(line))).toEqual([]);
  },
);
