/** The charts of the page against a real node: readable at every width, and what a viewer can do with them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Inspector, inspect } from '../../src/exports/inspect.ts';
import { LivelyNode } from './lively-node.ts';
import { OpenPage } from './open-page.ts';

type Page = OpenPage['page'];

/** In CSS px. */
const LEAST_TYPE = 11;
const SIZES = [
  [1440, 900],
  [1100, 700],
  [390, 844],
] as const;
const MACHINES = ['dial-task', 'connection-setup', 'peer', 'protocol'].concat([
  'server',
  'listener',
  'dial-scheduler',
]);

const node = new LivelyNode();
let inspector: Inspector;

beforeAll(async () => {
  await node.server.start();
  inspector = await inspect(node.server);
  await node.live();
});

afterAll(() => node[Symbol.asyncDispose]());

/** Opens the chart of a machine, runs `look`, and expects no complaint of the browser. */
async function looking(
  machine: string,
  look: (page: Page, open: OpenPage) => Promise<void>,
  theme: 'light' | 'dark' = 'light',
): Promise<void> {
  await using open = await OpenPage.at(`${inspector.newLink()}#tab=connections`, theme);
  await open.page.getByRole('button', { name: /^Ended [1-9]/ }).waitFor();
  await show(open.page, machine);
  await look(open.page, open);
  expect(open.complaints).toEqual([]);
}

async function show(page: Page, machine: string): Promise<void> {
  await page.evaluate(`location.hash = 'tab=connections&machine=${machine}'`);
  await page.getByRole('group', { name: `Statechart of the ${machine} machine` }).waitFor();
}

const select = async (page: Page, reason: string): Promise<void> => {
  await page.evaluate(`location.hash = 'tab=connections&list=ended&filter=reason:${reason}'`);
  await page.locator('.connections [role=option]').first().click();
  await page.locator('svg.statechart.dim').waitFor();
};

/** Font sizes of the visible texts of the chart and its legend, as they are on the screen. */
const smallestType = (page: Page): Promise<number> =>
  page.evaluate(`(() => {
    const scale = document.querySelector('svg.statechart').getScreenCTM().a;
    const sizeOf = (one) => Number.parseFloat(getComputedStyle(one).fontSize);
    const texts = [...document.querySelectorAll('svg.statechart text')].filter((one) => one.textContent !== '');
    const legend = [...document.querySelectorAll('.chart .legend, .chart .legend *')];
    return Math.min(...texts.map((one) => sizeOf(one) * scale), ...legend.map(sizeOf));
  })()`);

const scaleOf = (page: Page): Promise<number> =>
  page.evaluate(`document.querySelector('svg.statechart').getScreenCTM().a`);

const scrolledTo = (page: Page): Promise<readonly [number, number]> =>
  page.evaluate(`(({ scrollLeft, scrollTop }) => [scrollLeft, scrollTop])(
    document.querySelector('.canvas'))`);

/** Whether the box of a state is wholly inside the canvas. */
const isInView = (page: Page, state: string): Promise<boolean> =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('.canvas').getBoundingClientRect();
    const titles = [...document.querySelectorAll('svg.statechart .boxes .state > title')];
    const title = titles.find((one) => one.textContent.split(':')[0] === '${state}');
    const box = title.nextElementSibling.getBoundingClientRect();
    return box.left >= canvas.left && box.right <= canvas.right &&
      box.top >= canvas.top && box.bottom <= canvas.bottom;
  })()`);

const foldOf = (page: Page, name: string) => page.getByRole('button', { name: `${name}:` });

const listed = (page: Page): Promise<string[]> =>
  page.locator('svg.statechart .row.listed .listed').allTextContents();

/** First words of the titles of the boxes with a class. */
const boxesWith = (page: Page, name: string): Promise<string[]> =>
  page
    .locator(`svg.statechart .boxes > .state.${name} > title`)
    .evaluateAll((titles) => titles.map((title) => title.textContent!.split(':')[0]!));

describe.for(['light', 'dark'] as const)('in %s', (theme) => {
  test.for(SIZES)(
    'no type of a chart is smaller than 11 px at %s × %s, zoomed out too',
    ([width, height]) =>
      looking(
        'dial-task',
        async (page) => {
          await page.setViewportSize({ width, height });
          for (const machine of MACHINES) {
            await show(page, machine);
            expect(await smallestType(page), machine).toBeGreaterThanOrEqual(LEAST_TYPE);
            await page.locator('.canvas').press('-');
            expect(await smallestType(page), machine).toBeGreaterThanOrEqual(LEAST_TYPE);
          }
          await select(page, 'tooManyPeers');
          expect(await smallestType(page)).toBeGreaterThanOrEqual(LEAST_TYPE);
        },
        theme,
      ),
  );

  test('axe finds no violation with an open box of reasons, zoomed, and with a path', () =>
    looking(
      'connection-setup',
      async (page, open) => {
        expect(await open.violations()).toEqual([]);
        await foldOf(page, 'rejected').press('Enter');
        await page.getByRole('button', { name: 'Zoom in' }).click();
        expect(await open.violations()).toEqual([]);
        await page.setViewportSize({ width: 390, height: 844 });
        expect(await open.violations()).toEqual([]);
        await select(page, 'uselessPeer');
        expect(await open.violations()).toEqual([]);
      },
      theme,
    ));
});

describe('a chart', () => {
  test('opens on its active states', () =>
    looking('peer', async (page) => {
      await page.setViewportSize({ width: 1100, height: 700 });
      await expect.poll(() => isInView(page, 'running.resting')).toBe(true);
      await show(page, 'server');
      await expect.poll(() => isInView(page, 'active.phase.running')).toBe(true);
      await select(page, 'tooManyPeers');
      await expect.poll(() => isInView(page, 'rejected')).toBe(true);
    }));

  test('is moved by dragging, by the wheel and by arrow keys, which then step nothing', () =>
    looking('connection-setup', async (page) => {
      const { x, y } = (await page.locator('.canvas').boundingBox())!;
      await page.mouse.move(x + 300, y + 300);
      await page.mouse.down();
      await page.mouse.move(x + 250, y + 200, { steps: 4 });
      await page.mouse.up();
      expect(await scrolledTo(page)).toEqual([50, 100]);
      expect(page.url()).not.toContain('filter'); // the drag ended on a box without picking it
      await page.mouse.wheel(0, 120);
      await expect.poll(() => scrolledTo(page)).toEqual([50, 220]);
      await page.locator('.canvas').focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowUp');
      await expect.poll(() => scrolledTo(page)).toEqual([110, 160]);
      await select(page, 'tooManyPeers');
      await page.locator('.canvas').focus();
      await page.keyboard.press('ArrowLeft');
      expect(page.url()).not.toContain('step=');
    }));

  test('is zoomed by buttons, keys and the wheel, around the pointer, between 100 % and 300 %', () =>
    looking('connection-setup', async (page) => {
      expect(await scaleOf(page)).toBe(1);
      await page.getByRole('button', { name: 'Zoom in' }).click();
      expect(await scaleOf(page)).toBeCloseTo(1.25, 2);
      await page.getByRole('button', { name: 'Zoom out' }).click();
      await page.locator('.canvas').focus();
      for (let press = 0; press < 9; press += 1) await page.keyboard.press('+');
      expect(await scaleOf(page)).toBeCloseTo(3, 2);
      await page.keyboard.press('0');
      expect(await scaleOf(page)).toBe(1);
      const before = (await page.locator('.statechart .state.outcomes').first().boundingBox())!;
      await page.mouse.move(before.x, before.y);
      await page.keyboard.down('Control');
      await page.mouse.wheel(0, -400);
      await expect.poll(() => scaleOf(page)).toBeGreaterThan(1.5);
      await page.keyboard.up('Control');
      const after = (await page.locator('.statechart .state.outcomes').first().boundingBox())!;
      expect(Math.abs(after.x - before.x)).toBeLessThan(3);
      await page.keyboard.press('-');
      await page.keyboard.press('-');
      await page.keyboard.press('-');
      await page.keyboard.press('-');
      expect(await scaleOf(page)).toBe(1);
    }));

  test('is zoomed by two fingers', () =>
    looking('connection-setup', async (page) => {
      const { x, y } = (await page.locator('.canvas').boundingBox())!;
      const touch = await page.context().newCDPSession(page);
      const fingers = (gap: number) => ({
        touchPoints: [
          { x: x + 200 - gap, y: y + 200, id: 1 },
          { x: x + 200 + gap, y: y + 200, id: 2 },
        ],
      });
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', ...fingers(40) });
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', ...fingers(60) });
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', ...fingers(80) });
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
      await expect.poll(() => scaleOf(page)).toBeCloseTo(2, 1);
    }));

  test('goes to the target of a jump', () =>
    looking('server', async (page) => {
      await page.setViewportSize({ width: 1100, height: 700 });
      await page.locator('.canvas').evaluate((canvas) => canvas.scrollTo(2000, 2000));
      expect(await isInView(page, 'idle')).toBe(false);
      await page.locator('.statechart .row.move', { hasText: 'idle' }).first().click();
      await expect.poll(() => isInView(page, 'idle')).toBe(true);
    }));
});

describe('a box of reasons', () => {
  test('is one line with its count until it is opened, by click or by key', () =>
    looking('connection-setup', async (page) => {
      const rejected = foldOf(page, 'rejected');
      expect(await listed(page)).toEqual([]);
      expect(await rejected.getAttribute('aria-expanded')).toBe('false');
      await expect.poll(() => rejected.locator('.count').textContent()).toBe('3');
      await rejected.click();
      await expect.poll(() => listed(page)).toContain('tooManyPeers');
      expect(await rejected.getAttribute('aria-expanded')).toBe('true');
      await rejected.press('Enter'); // the focus stays on it
      await expect.poll(() => listed(page)).toEqual([]);
      await page.keyboard.press(' ');
      await expect.poll(() => listed(page)).toHaveLength(13);
    }));

  test('shows the reason of the selected connection while it is folded', () =>
    looking('connection-setup', async (page) => {
      await select(page, 'tooManyPeers');
      await expect.poll(() => listed(page)).toEqual(['tooManyPeers']);
      await select(page, 'uselessPeer');
      await expect.poll(() => listed(page)).toEqual(['uselessPeer']);
      await page.keyboard.press('Escape');
      await expect.poll(() => listed(page)).toEqual([]);
    }));
});

test('the whole path of the selected connection is drawn, and the rest is dim', () =>
  looking('connection-setup', async (page) => {
    await select(page, 'tooManyPeers');
    await expect
      .poll(async () => (await boxesWith(page, 'path')).sort())
      .toEqual(
        ['any state', 'closed', 'encHandshake', 'rejected']
          .concat(
            ['awaitingAuth', 'awaitingTurn', 'choosingRole', 'sendingAck'].map(
              (state) => `encHandshake.${state}`,
            ),
          )
          .concat('postHandshakeCheckpoint')
          .sort(),
      );
    const opacities: string[] = await page.evaluate(`[
      ...document.querySelectorAll('svg.statechart .boxes > .state > rect:first-of-type'),
    ].map((box) => getComputedStyle(box).opacity)`);
    expect(opacities.filter((opacity) => opacity === '1')).toHaveLength(9);
    expect(opacities.filter((opacity) => opacity === '0.4').length).toBeGreaterThan(7);
    const taken = await page
      .locator('svg.statechart .labels > .arrow.path')
      .evaluateAll((labels) => labels.map((label) => label.textContent));
    expect(taken).toEqual(
      expect.arrayContaining(['[isInbound]', 'auth.queued', 'auth.received', 'ack.sent']),
    );
    await page.keyboard.press('Escape');
    await expect.poll(() => boxesWith(page, 'path')).toEqual([]);
  }));
