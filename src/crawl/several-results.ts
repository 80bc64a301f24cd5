/** Results of a crawl in several places at once. */
import type { CrawlResults, VisitRecord } from './visit-record.ts';

export class SeveralResults implements CrawlResults {
  readonly #places: readonly CrawlResults[];

  constructor(places: readonly CrawlResults[]) {
    this.#places = places;
  }

  /** Resolves when the record is kept everywhere. */
  async write(record: VisitRecord): Promise<void> {
    await Promise.all(this.#places.map((place) => place.write(record)));
  }

  /** Closes all of them, also when one cannot be closed. @throws What the first of those says. */
  async close(): Promise<void> {
    const closings = await Promise.allSettled(this.#places.map((place) => place.close()));
    for (const closing of closings) if (closing.status === 'rejected') throw closing.reason;
  }
}
