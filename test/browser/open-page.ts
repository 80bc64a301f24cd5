/** The page of an inspector in Chromium, with all complaints of the browser. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Accessibility rules. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export class OpenPage implements AsyncDisposable {
  readonly page: Page;
  /** Console errors (policy violations too), exceptions, dialogs, and requests to other origins. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;

  private constructor(browser: Browser, page: Page, origin: string) {
    this.#browser = browser;
    this.page = page;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    page.on('request', (request) => {
      const { protocol, origin: asked } = new URL(request.url());
      if (!['blob:', 'data:'].includes(protocol) && asked !== origin)
        this.complaints.push(`asks ${request.url()}`);
    });
  }

  static async at(link: string, colorScheme: 'light' | 'dark' = 'light'): Promise<OpenPage> {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    const viewport = { width: 1400, height: 900 };
    const context = await browser.newContext({ viewport, colorScheme }); // others may open tabs in it
    const page = await context.newPage();
    const open = new OpenPage(browser, page, new URL(link).origin);
    await page.goto(link);
    return open;
  }

  /** Violations found by axe. It is injected by the browser's protocol, past the content security policy. */
  async violations(): Promise<readonly string[]> {
    await this.page.evaluate(await readFile(AXE, 'utf8'));
    return this.page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then(
      ({ violations }) =>
        violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')),
    )`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#browser.close();
  }
}
