/** ARCHITECTURE.md names the folders and states that there are. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import * as machines from '../../src/exports/machines.ts';
import { pageAt, ROOT } from './pages.ts';

const page = pageAt('ARCHITECTURE.md').text;
const charts = new Map(
  Object.values(machines)
    .filter((one): one is AnyStateMachine => 'root' in one)
    .map((machine) => [machine.id, machine]),
);

test('every folder of src has a row, those of io too', () => {
  const folders = readdirSync(new URL('src/', ROOT)).flatMap((name) =>
    name === 'io' ? readdirSync(new URL('src/io/', ROOT)).map((part) => `io/${part}`) : name,
  );
  for (const folder of folders) expect(page).toContain(`| \`src/${folder}\` |`);
});

test('every state that it draws is one of the chart', () => {
  const drawn = [...page.matchAll(/\["([a-z-]+): ([\w.]+)"\]/g)];
  expect(drawn.length).toBeGreaterThan(10);
  for (const [, machine, state] of drawn) {
    const chart = charts.get(machine!);
    expect(chart, machine).toBeDefined();
    const parts = state!.split('.');
    const node = parts.reduce<AnyStateNode | undefined>(
      (parent, part) => parent?.states[part],
      chart!.root,
    );
    expect(node, `${machine}: ${state}`).toBeDefined();
  }
});
