/** Exports: files made from the data of the page, without the server. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Page, usePage } from '../base/page-context.tsx';
import { CHARTS } from '../chart/charts.ts';
import { storyOf } from '../model/story.ts';
import { csvOf } from './export-csv.ts';
import { mermaidOf } from './export-mermaid.ts';
import { recordingLines } from './export-recording.ts';
import { type Drawn, svgText } from './export-svg.ts';
import { pickFile } from './file-drop.tsx';

/** Time a browser gets to start a download, in ms. Ours. */
const DOWNLOAD_MS = 10_000;

type Choice = {
  readonly label: string;
  readonly note: string;
  /** Null when there is nothing to export. */
  file(page: Page): Made | null;
};

type Made = { readonly name: string; readonly type: string; readonly parts: readonly string[] };

const CHOICES: readonly Choice[] = [
  {
    label: 'Recording',
    note: 'all data of this page; can be opened here',
    file: ({ store }) => recordingFile('recording', recordingLines(store)),
  },
  {
    label: 'This connection',
    note: 'only the selected one, as a recording',
    file: ({ store, session }) => {
      const story = session.selected.value === null ? null : storyOf(store, session.selected.value);
      if (!story) return null;
      const numbers = story.actors.map(({ number }) => number);
      return recordingFile(`connection-${session.selected.value}`, recordingLines(store, numbers));
    },
  },
  {
    label: 'Chart as SVG',
    note: 'as shown now',
    file: ({ session }) => {
      const drawing = document.querySelector<SVGElement>('svg.statechart');
      if (!drawing) return null;
      return {
        name: `${session.machine.value}.svg`,
        type: 'image/svg+xml',
        parts: [svgText(drawing, backgroundOf(drawing), styleOf)],
      };
    },
  },
  {
    label: 'Chart as Mermaid',
    note: 'text for an issue; active states are marked',
    file: ({ session }) => {
      const chart = CHARTS.get(session.machine.value);
      if (!chart) return null;
      const text = mermaidOf(chart.picture, activeBoxes());
      return { name: `${session.machine.value}.mmd`, type: 'text/plain', parts: [text] };
    },
  },
  {
    label: 'Event log as CSV',
    note: 'of the selected connection, or of all',
    file: ({ store, session }) => {
      const story = session.selected.value === null ? null : storyOf(store, session.selected.value);
      const steps = story?.steps ?? store.log;
      if (steps.length === 0) return null;
      const began = Date.parse(store.about?.startedAt ?? '');
      const time = (t: number): string =>
        Number.isFinite(began) ? new Date(began + t).toISOString() : '';
      return {
        name: `${stem('events')}.csv`,
        type: 'text/csv',
        parts: [csvOf(store, steps, time)],
      };
    },
  },
];

export function ExportMenu() {
  const page = usePage();
  const isOpen = useSignal(false);
  const problem = useSignal('');
  const frame = useRef<HTMLDivElement>(null);
  const close = (): void => {
    isOpen.value = false;
    problem.value = '';
  };
  useEffect(() => {
    const outside = (event: Event): void => {
      if (!frame.current?.contains(event.target as Node)) close();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  });
  const take = (choice: Choice): void => {
    const made = choice.file(page);
    if (made) {
      download(made);
      close();
    } else problem.value = `${choice.label}: nothing to export now.`;
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what its button opened
    <div
      class="menu"
      ref={frame}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen.value) return;
        event.stopPropagation();
        close();
        frame.current?.querySelector('button')?.focus();
      }}
    >
      <button
        type="button"
        aria-expanded={isOpen.value}
        aria-controls="export-menu"
        data-export=""
        onClick={() => {
          if (isOpen.value) close();
          else isOpen.value = true;
        }}
      >
        <span aria-hidden="true">⤓</span> Export <span aria-hidden="true">▾</span>
      </button>
      {isOpen.value && (
        <div class="menu-sheet" id="export-menu">
          <ul>
            {CHOICES.map((choice) => (
              <Item key={choice.label} {...choice} onClick={() => take(choice)} />
            ))}
            <li class="menu-rule" aria-hidden="true" />
            <Item
              label="Open a recording…"
              note="or drop the file anywhere on the page"
              onClick={() => {
                close();
                pickFile(page);
              }}
            />
          </ul>
          <p class="menu-problem" role="status">
            {problem.value}
          </p>
        </div>
      )}
    </div>
  );
}

function Item({
  label,
  note,
  onClick,
}: {
  readonly label: string;
  readonly note: string;
  onClick(): void;
}) {
  return (
    <li>
      <button type="button" onClick={onClick}>
        <b>{label}</b>
        <span>{note}</span>
      </button>
    </li>
  );
}

const recordingFile = (name: string, lines: readonly string[]): Made => ({
  name: `${stem(name)}.jsonl`,
  type: 'application/x-ndjson',
  parts: lines.map((line) => `${line}\n`),
});

/** With the time, so that names are unique. */
const stem = (name: string): string =>
  `peerchart-${name}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`;

/** The background colour of the nearest opaque ancestor. */
function backgroundOf(element: Element): string {
  const colour = getComputedStyle(element).backgroundColor;
  const isClear = /^rgba\(.*, 0\)$/.test(colour);
  return isClear && element.parentElement ? backgroundOf(element.parentElement) : colour;
}

const styleOf = (element: Drawn, property: string): string =>
  getComputedStyle(element as Element).getPropertyValue(property);

/** Paths of the active boxes, read from the drawn chart. */
function activeBoxes(): ReadonlySet<string> {
  const groups = [...document.querySelectorAll('svg.statechart .boxes > .state')];
  const titles = groups
    .filter(({ classList }) => classList.contains('on') || classList.contains('populated'))
    .map((group) => group.querySelector('title')?.textContent ?? '');
  return new Set(titles.map((title) => title.split(':')[0]!));
}

function download({ name, type, parts }: Made): void {
  const url = URL.createObjectURL(new Blob([...parts], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_MS);
}
