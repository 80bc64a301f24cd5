import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';

import { EventFeed, type FeedIterator, MAX_BUFFERED_EVENTS } from '../../src/api/event-feed.ts';
import { settledHeap } from '../fuzz/watchdog.ts';
import { turns } from '../support/turn.ts';

type Events = { rose: { readonly at: number }; set: { readonly at: number } };
type Event = { readonly type: keyof Events; readonly at: number };

const rose = (at: number) => ({ type: 'rose', at }) as const;
const set = (at: number) => ({ type: 'set', at }) as const;

describe('listeners', () => {
  test('get events of their own type only, in order, until they stop', () => {
    const { feed } = make();
    const heard: Event[] = [];
    const off = feed.on('rose', (event) => heard.push(event));

    feed.emit(rose(1));
    feed.emit(set(2));
    feed.emit(rose(3));
    off();
    feed.emit(rose(4));

    expect(heard).toEqual([rose(1), rose(3)]);
    off(); // once more does nothing
  });

  test('one that throws is reported, and the others still get the event', () => {
    const { feed, faults } = make();
    const heard: Event[] = [];
    const problem = new Error('on purpose');
    feed.on('rose', () => {
      throw problem;
    });
    feed.on('rose', (event) => heard.push(event));

    feed.emit(rose(1));
    feed.emit(rose(2));

    expect(heard).toEqual([rose(1), rose(2)]);
    expect(faults).toEqual([problem, problem]);
  });

  test('E19: one whose promise rejects is reported, and the others still get the event', async () => {
    const { feed, faults } = make();
    const heard: Event[] = [];
    const problem = new Error('on purpose');
    feed.on('rose', async () => Promise.reject(problem));
    feed.on('rose', (event) => heard.push(event));

    feed.emit(rose(1));
    await turns();

    expect(heard).toEqual([rose(1)]);
    expect(faults).toEqual([problem]);
  });

  test('one that is added during an event gets the next one', () => {
    const { feed } = make();
    const heard: Event[] = [];
    const off = feed.on('rose', () => {
      off();
      feed.on('rose', (event) => heard.push(event));
    });

    feed.emit(rose(1));
    feed.emit(rose(2));

    expect(heard).toEqual([rose(2)]);
  });

  test('events emitted during a delivery are delivered', () => {
    const { feed } = make();
    const heard: Event[] = [];
    feed.on('rose', ({ at }) => feed.emit(set(at)));
    feed.on('set', (event) => heard.push(event));

    feed.emit(rose(1));

    expect(heard).toEqual([set(1)]);
  });
});

describe('iterators', () => {
  test('give every event since they were made, whether next() was called before or after it', async () => {
    const { feed } = make();
    feed.emit(rose(0));
    const events = feed.iterate();

    feed.emit(rose(1));
    expect(await taken(events)).toEqual(rose(1));
    const [second, third] = [taken(events), taken(events)];
    feed.emit(set(2));
    feed.emit(rose(3));

    expect([await second, await third]).toEqual([set(2), rose(3)]);
    expect(events.dropped).toBe(0);
  });

  test('a slow one keeps the latest events and counts the dropped ones', async () => {
    const { feed } = make();
    const events = feed.iterate();

    for (let at = 1; at <= MAX_BUFFERED_EVENTS + 3; at += 1) feed.emit(rose(at));

    expect(events.dropped).toBe(3);
    expect(await taken(events)).toEqual(rose(4));
  });

  test('each has a buffer of its own', async () => {
    const { feed } = make();
    const [one, other] = [feed.iterate(), feed.iterate()];

    feed.emit(rose(1));

    expect([await taken(one), await taken(other)]).toEqual([rose(1), rose(1)]);
  });

  test('break ends it and frees the buffer', async () => {
    const { feed } = make();
    const events = feed.iterate();
    feed.emit(rose(1));
    feed.emit(rose(2));

    for await (const event of events) {
      expect(event).toEqual(rose(1));
      break;
    }
    feed.emit(rose(3));

    expect(await taken(events)).toBe('over');
  });

  test('a signal ends it, also while next() is pending', async () => {
    const { feed } = make();
    const stop = new AbortController();
    const events = feed.iterate(stop.signal);
    const waiting = [taken(events), taken(events)];

    stop.abort();

    expect(await Promise.all(waiting)).toEqual(['over', 'over']);
    feed.emit(rose(1));
    expect(await taken(events)).toBe('over');
  });

  test('events buffered before the signal are still given', async () => {
    const { feed } = make();
    const stop = new AbortController();
    const events = feed.iterate(stop.signal);
    feed.emit(rose(1));

    stop.abort();

    expect([await taken(events), await taken(events)]).toEqual([rose(1), 'over']);
  });

  test('a signal that was aborted before gives no event', async () => {
    const { feed } = make();
    const events = feed.iterate(AbortSignal.abort());

    feed.emit(rose(1));

    expect(await taken(events)).toBe('over');
  });
});

describe('an iterator that has ended', () => {
  const ENDS: readonly (readonly [
    string,
    (events: FeedIterator<Event>, stop: AbortController) => unknown,
  ])[] = [
    ['by return()', (events) => events.return!()],
    ['by its signal', (_, stop) => stop.abort()],
  ];

  test.for(ENDS)('%s no longer listens to its signal', async ([, end]) => {
    const { feed } = make();
    const stop = new AbortController();
    const events = feed.iterate(stop.signal);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    await end(events, stop);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });

  test.for(ENDS)('%s is not held by the feed, nor is its signal', async ([, end]) => {
    const { feed } = make();
    const iterateAndEnd = async (): Promise<WeakRef<AbortSignal>> => {
      const stop = new AbortController();
      await end(feed.iterate(stop.signal), stop);
      return new WeakRef(stop.signal);
    };
    const left = await iterateAndEnd();
    await new Promise((resolve) => setImmediate(resolve));
    await settledHeap();
    expect(left.deref()).toBeUndefined();
    feed.emit(rose(1)); // the feed itself is still in use
  });
});

describe('a closed feed', () => {
  test('ends its iterators after what they have buffered', async () => {
    const { feed } = make();
    const events = feed.iterate();
    const idle = feed.iterate();
    feed.emit(rose(1));
    expect(await taken(idle)).toEqual(rose(1));
    const waiting = taken(idle);

    feed.close();

    expect(await waiting).toBe('over');
    expect([await taken(events), await taken(events)]).toEqual([rose(1), 'over']);
  });

  test('ends an iterator at once that is made afterwards', async () => {
    const { feed } = make();
    feed.close();

    const soon = new Promise((resolve) => setImmediate(resolve, 'still waiting'));
    expect(await Promise.race([taken(feed.iterate()), soon])).toBe('over');
  });
});

function make() {
  const faults: unknown[] = [];
  return { feed: new EventFeed<Events>((error) => faults.push(error)), faults };
}

async function taken(events: FeedIterator<Event>): Promise<Event | 'over'> {
  const { done, value } = await events.next();
  return done ? 'over' : value;
}
