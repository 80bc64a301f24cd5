/** The page against a real node: it shows the actual states, and text of peers does nothing to it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EndedConnection } from '../../src/api/endings.ts';
import { type Inspector, inspect, type Recording, record } from '../../src/exports/inspect.ts';
import { openFileInspector } from '../../src/inspect/file-inspector.ts';
import { printable } from '../../src/io/wire/printable.ts';
import { HOSTILE_TEXT, LivelyNode, TURNED_AWAY } from './lively-node.ts';
import { OpenPage } from './open-page.ts';

const node = new LivelyNode();
const ended: EndedConnection[] = [];
let inspector: Inspector;
let recording: Recording;
let folder = '';

beforeAll(async () => {
  await node.server.start();
  inspector = await inspect(node.server);
  folder = await mkdtemp(join(tmpdir(), 'peerchart-page-'));
  recording = await record(node.server, join(folder, 'node.jsonl'));
  node.server.on('ended', (event) => ended.push(event));
  await node.live();
});

afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Opens the page, runs `look`, and expects no complaint of the browser. */
async function looking(
  look: (page: OpenPage['page'], open: OpenPage) => Promise<void>,
  theme: 'light' | 'dark' = 'light',
  link = inspector.newLink(),
): Promise<void> {
  await using open = await OpenPage.at(`${link}#tab=connections`, theme);
  await open.page.getByRole('button', { name: /^Ended [1-9]/ }).waitFor();
  await look(open.page, open);
  expect(await open.page.locator('img, script:not([src]), iframe').count()).toBe(0);
  expect(open.complaints).toEqual([]);
}

type Page = OpenPage['page'];

const TABS = [
  'Overview',
  'Connections',
  'Peers',
  'Dials',
  'Discovery',
  'Listener',
  'Server',
  'Actors',
  'Reasons',
] as const;

/** Violations by view. */
type Found = Record<string, readonly string[]>;

const rowsOf = (page: Page) => page.locator('.connections [role=option]');

/** Full state paths, from the tooltips of the chips. */
const statesIn = (page: Page): Promise<string[]> =>
  page
    .locator('.connections .chip')
    .evaluateAll((chips) => chips.map((chip) => chip.getAttribute('title') ?? ''));

/** States by actor. */
async function actorsIn(page: Page): Promise<Record<string, string>> {
  const rows = await page
    .locator('table.tree tbody tr')
    .evaluateAll((lines) =>
      lines.map((line) => [
        line.querySelector('button')?.textContent,
        line.querySelector('.chip')?.getAttribute('title'),
      ]),
    );
  return Object.fromEntries(rows);
}

const showEnded = (page: Page): Promise<void> =>
  page.getByRole('button', { name: /^Ended/ }).click();

const filterBy = (page: Page, text: string): Promise<void> =>
  page.getByRole('searchbox', { name: 'Filter connections' }).fill(text);

async function choose(page: Page, state: string): Promise<void> {
  await showEnded(page);
  await filterBy(page, `reason:${state}`);
  await rowsOf(page).first().click();
}

describe('the page shows', () => {
  test('every actor in its actual state', () =>
    looking(async (page) => {
      await page.locator('nav').getByText('Actors').click();
      await expect.poll(() => actorsIn(page)).toEqual(node.actualStates());
    }));

  test('three peers, with their client names as text', () =>
    looking(async (page) => {
      const names = await page.locator('.connections .client').allTextContents();
      expect(names.sort()).toEqual(
        ['calm/v1.0.0', 'dialled/v3.0.0', printable(HOSTILE_TEXT, 128)].sort(),
      );
    }));

  test('rejected, refused and failed connections, each with its last state', () =>
    looking(async (page) => {
      await showEnded(page);
      const real = ended.map(({ state }) => state);
      await expect.poll(async () => (await statesIn(page)).sort()).toEqual([...real].sort());
      expect(real).toEqual(expect.arrayContaining(Object.values(TURNED_AWAY)));
    }));

  test.for(Object.values(TURNED_AWAY))('%s: the explanation of its end', (state) =>
    looking(async (page) => {
      await choose(page, state);
      const card = page.getByRole('region', { name: 'Why it ended' });
      const { explanation } = ended.find((event) => event.state === state) as never as {
        explanation: { verdict: string; remedy: string };
      };
      expect(await card.locator('.verdict').textContent()).toBe(explanation.verdict);
      expect(await card.locator('.remedy').textContent()).toContain(explanation.remedy);
      expect(await card.locator('code').textContent()).toBe(state);
    }),
  );

  test('the connections that match a filter', () =>
    looking(async (page) => {
      await showEnded(page);
      await filterBy(page, 'reason:tooManyPeers');
      await expect.poll(() => statesIn(page)).toEqual(['rejected.tooManyPeers']);
      await filterBy(page, 'dir:out');
      await expect.poll(() => rowsOf(page).count()).toBe(0);
      await page.getByRole('button', { name: /^Live/ }).click();
      await expect
        .poll(() => page.locator('.connections .client').allTextContents())
        .toEqual(['dialled/v3.0.0']);
    }));
});

describe('the steps of one connection', () => {
  test('are shown forwards and back, in the chart too', () =>
    looking(async (page) => {
      await choose(page, 'rejected.tooManyPeers');
      const { trail } = ended.find(({ state }) => state === 'rejected.tooManyPeers')!;
      const slider = page.getByRole('slider', { name: 'Step' });
      const last = Number(await slider.getAttribute('max'));
      const seen: string[] = [];
      await page.getByRole('button', { name: 'First step' }).click();
      for (let step = 0; step < last; step += 1) {
        await expect.poll(() => slider.inputValue()).toBe(String(step));
        const state = await page
          .getByRole('region', { name: 'Past step' })
          .locator('.chip')
          .getAttribute('title');
        await expect.poll(() => litIn(page)).toContain(boxOf(state!));
        seen.push(state!);
        await page.keyboard.press(']');
      }
      expect(distinct(seen)).toEqual(trail);
      await page.getByRole('region', { name: 'Why it ended' }).waitFor();
      await page.keyboard.press('[');
      await expect
        .poll(() => slider.getAttribute('aria-valuetext'))
        .toContain(`Step ${last} of ${last + 1}`);
      expect(page.url()).toContain('step=');
    }));
});

describe('recordings', () => {
  test('an exported recording opens and shows the same', () =>
    looking(async (page) => {
      await showEnded(page);
      const before = (await statesIn(page)).sort();
      await page.getByRole('button', { name: 'Export' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: /^Recording/ }).click(),
      ]);
      const file = join(folder, download.suggestedFilename());
      await download.saveAs(file);
      const [header] = (await readFile(file, 'utf8')).split('\n');
      expect(JSON.parse(header!)).toMatchObject({ format: 'peerchart recording', version: 2 });
      await page.getByRole('button', { name: 'Export' }).click();
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByRole('button', { name: /^Open a recording/ }).click(),
      ]);
      await chooser.setFiles(file);
      await page.getByRole('region', { name: 'Recording' }).waitFor();
      await expect.poll(async () => (await statesIn(page)).sort()).toEqual(before);
      await choose(page, 'rejected.uselessPeer');
      await page.getByRole('region', { name: 'Why it ended' }).waitFor();
    }));

  test('a recording of the node is shown and played without the node', async () => {
    await recording.close();
    await using file = await openFileInspector(recording.path);
    await looking(
      async (page) => {
        await showEnded(page);
        const real = ended.map(({ state }) => state).sort();
        await expect.poll(async () => (await statesIn(page)).sort()).toEqual(real);
        await page.getByRole('button', { name: 'Go to start' }).click();
        await expect.poll(() => rowsOf(page).count()).toBe(0);
        await page.getByRole('button', { name: '×100', exact: true }).click();
        await page.getByRole('button', { name: 'Play', exact: true }).click();
        await expect.poll(async () => (await statesIn(page)).sort()).toEqual(real);
      },
      'dark',
      file.link,
    );
  });
});

describe.for(['light', 'dark'] as const)('in %s', (theme) => {
  test('axe finds no violation in any view', () =>
    looking(async (page, open) => {
      const found: Found = {};
      for (const tab of TABS) {
        await page.locator('nav').getByText(tab, { exact: true }).click();
        found[tab] = await open.violations();
      }
      await page.locator('nav').getByText('Connections', { exact: true }).click();
      await choose(page, 'rejected.uselessPeer');
      found['one connection'] = await open.violations();
      await page.keyboard.press('?');
      found['help'] = await open.violations();
      expect(Object.entries(found).filter(([, violations]) => violations.length > 0)).toEqual([]);
    }, theme));
});

/** Boxes of the chart that are marked as active. */
const litIn = (page: Page): Promise<string[]> =>
  page
    .locator('svg.statechart .boxes > .state.on > title')
    .evaluateAll((titles) => titles.map((title) => title.textContent!.split(':')[0]!));

/** The innermost state with a box: outcomes are rows of one. */
const boxOf = (state: string): string =>
  /^(?:rejected|refused|failed)\./.test(state) ? state.split('.')[0]! : state;

const distinct = (states: readonly string[]): readonly string[] =>
  states.filter((state, place) => state !== states[place - 1]);
