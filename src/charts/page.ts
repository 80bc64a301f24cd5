/** Pages about machines, in Markdown: one for each, and an index of them. */
import type { ChartModel } from './chart-model.ts';
import { endingsOf, isOutcome } from './chart-reading.ts';
import {
  actorTable,
  decisionTable,
  delayTable,
  endingTable,
  eventTable,
  glossaryTables,
  stateTable,
} from './chart-tables.ts';
import { document, fence, heading, table } from './markdown.ts';
import { mermaid } from './mermaid.ts';
import { reasonTables } from './reason-table.ts';

/** A machine with the texts of its page. */
export type DocumentedMachine = {
  readonly model: ChartModel;
  /** A few sentences; the first one says what the machine does. */
  readonly purpose: string;
  /** Path of its file below `src/machines`, such as `peer/peer.ts`. */
  readonly file: string;
};

export function machinePage({ model, purpose, file }: DocumentedMachine): string {
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
    ...glossaryTables(model),
    ...actorTable(model),
  ]);
}

export function indexPage(machines: readonly DocumentedMachine[]): string {
  const rows = machines.map(({ model, purpose }) => [
    `[${model.id}](${model.id}.md)`,
    firstSentence(purpose),
    `${model.states.length - 1}`,
  ]);
  return document([
    heading(1, 'Statecharts'),
    'One page per machine, generated from its source by `npm run charts`; a test fails when a page is out of date.',
    table(['Machine', 'What it does', 'States'], rows),
  ]);
}

function legend(model: ChartModel): string {
  return [
    'An arrow may carry several events, one per line. `[…]` is a condition. A dashed arrow is a delay that elapsed. A row `→ state` in a box is a jump: a transition to a state elsewhere in the picture.',
    endingsOf(model).length > 0 ? 'A double border marks a final state.' : '',
    model.states.some((state) => isOutcome(model, state))
      ? 'A red row is an outcome that this state can lead to; each outcome is a state, described below.'
      : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function firstSentence(text: string): string {
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}
