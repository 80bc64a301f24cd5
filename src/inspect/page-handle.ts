/** What a user holds of an open page. Once it is closed it holds the address and the last link only. */
import type { PageServer } from './web/page-server.ts';

/** @property end Called once, when the server of the page is closed. */
export type OpenPage = { readonly pageServer: PageServer; readonly end: () => void };

/** The link that was made last, also by the server of the page itself. */
export type LatestLink = { value: string };

export class PageHandle implements AsyncDisposable {
  readonly address: string;
  readonly #latest: LatestLink;
  /** Null once it is closed: a closed page can be held for long, and what it showed is large. */
  #page: OpenPage | null;
  #closing: Promise<void> | null = null;

  constructor(page: OpenPage, latest: LatestLink) {
    this.address = page.pageServer.address;
    this.#page = page;
    this.#latest = latest;
    this.newLink();
  }

  get link(): string {
    return this.#latest.value;
  }

  /** The last link again once it is closed. */
  newLink(): string {
    if (this.#page) this.#latest.value = this.#page.pageServer.newLink();
    return this.link;
  }

  endSessions(): void {
    this.#page?.pageServer.endSessions();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const page = this.#page;
    try {
      await page?.pageServer.close();
    } finally {
      this.#page = null;
      page?.end();
    }
  }
}
