/** Pages about machines, in Markdown: one for each, and an index of them. */
import type { ChartModel } from './chart-model.ts';
import { endingsOf, isOutcome } from './chart-reading.ts';
import {
  actorTable,
  decisionTable,
  delayTable,
  endingTable,
  eventTable,
  stateTable,
} from './chart-tables.ts';
import { document, fence, heading, table } from './markdown.ts';
import { mermaid } from './mermaid.ts';
import { reasonTables } from './reason-table.ts';

/** What the picture and the tables are about. */
export type Subject = {
  readonly model: ChartModel;
  /** A few sentences; the first one says what the machine is for. */
  readonly purpose: string;
  /** Its file in `src/machines`. */
  readonly file: string;
};

export function machinePage({ model, purpose, file }: Subject): string {
  return document([
    heading(1, model.id),
    purpose,
    `Generated from [${file}](../../src/machines/${file}) by \`npm run charts\`. [All charts](README.md).`,
    `![The statechart of ${model.id}](${model.id}.svg)`,
    legend(model),
    `<details><summary>The same as Mermaid</summary>\n\n${fence('mermaid', mermaid(model))}\n\n</details>`,
    ...stateTable(model),
    ...endingTable(model),
    ...eventTable(model),
    ...decisionTable(model),
    ...delayTable(model),
    ...reasonTables(model),
    ...actorTable(model),
  ]);
}

export function indexPage(subjects: readonly Subject[]): string {
  const rows = subjects.map(({ model, purpose }) => [
    `[${model.id}](${model.id}.md)`,
    firstSentence(purpose),
    `${model.states.length - 1}`,
  ]);
  return document([
    heading(1, 'Statecharts'),
    'One page per machine, generated from the machine itself by `npm run charts`; a test fails when a page is stale.',
    table(['Machine', 'What it is for', 'States'], rows),
  ]);
}

function legend(model: ChartModel): string {
  return [
    'One arrow may stand for several events, one per line; `[…]` is a condition, a dashed arrow is taken when time is up.',
    endingsOf(model).length > 0 ? 'A double border marks an end.' : '',
    model.states.some((state) => isOutcome(model, state))
      ? 'A red row is a way to end from where it stands; each is a state of its own, described below.'
      : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function firstSentence(text: string): string {
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}
