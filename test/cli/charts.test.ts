import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ChartsOptions, charts } from '../../src/cli/charts.ts';
import { FakeTerminal } from './fake-terminal.ts';

async function printed(machine?: string, options: Partial<ChartsOptions> = {}): Promise<string> {
  const terminal = new FakeTerminal();
  expect(await charts(machine, { format: 'text', ...options }, terminal)).toBe(0);
  return terminal.output;
}

test('every machine is named, with its purpose', async () => {
  const output = await printed();
  const drawn = readdirSync('docs/statecharts').filter((file) => file.endsWith('.svg'));
  expect(output.split('\n')).toHaveLength(drawn.length + 1);
  expect(output).toMatch(/^peer +One admitted connection, from /m);
  const { machines } = JSON.parse(await printed(undefined, { json: true }));
  expect(machines).toContainEqual({
    name: 'peer',
    purpose: expect.stringMatching(/^One admitted/),
  });
});

test('a machine is printed as text, as Mermaid or as SVG', async () => {
  expect(await printed('peer')).toMatch(/^# peer\n[\s\S]*\| State/);
  expect(await printed('peer')).not.toMatch(/mermaid|!\[/);
  expect(await printed('peer', { format: 'mermaid' })).toMatch(/^stateDiagram-v2\n/);
  const svg = readFileSync('docs/statecharts/peer.svg', 'utf8');
  expect(await printed('peer', { format: 'svg' })).toBe(`${svg.trimEnd()}\n`);
  expect(JSON.parse(await printed('peer', { format: 'svg', json: true }))).toEqual({
    ...{ type: 'chart', machine: 'peer', format: 'svg', text: svg },
  });
});

test('a machine that does not exist is refused with the names of those that do', async () => {
  await expect(printed('nope')).rejects.toThrow(/no machine "nope"; there are .*peer, /);
  await expect(printed('../README')).rejects.toThrow(/no machine/);
});
