import { describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';

import { EventPublisher, MAX_WAITING_EVENTS } from '../../src/jetstream/event-publisher.ts';
import type { JetStream } from '../../src/jetstream/jetstream.ts';
import { FakeNats } from '../support/fake-nats.ts';
import { turns } from '../support/turn.ts';

describe('a publisher of events', () => {
  test('events become messages in their order, with the node and their number', async () => {
    const nats = new FakeNats();
    const { publisher } = publishing(() => Promise.resolve(nats.connect('crawl')));
    publisher.push({ type: 'peer.added' });
    await turns();
    publisher.push({ type: 'peer.dropped' });
    await publisher.close();
    expect(nats.textsIn('crawl-events')).toEqual([
      { node: 'ab', number: 1, type: 'peer.added' },
      { node: 'ab', number: 2, type: 'peer.dropped' },
    ]);
    expect(publisher.counts).toEqual({ published: 2, dropped: 0 });
    expect(nats.log).toEqual(['close']);
  });

  test('while there is no server a bounded number waits, and the oldest leaves first', async () => {
    const nats = new FakeNats();
    let reach = (_server: JetStream): void => {};
    const { publisher } = publishing(
      () =>
        new Promise((resolve) => {
          reach = resolve;
        }),
    );
    for (let number = 1; number <= MAX_WAITING_EVENTS + 3; number += 1) publisher.push({ number });
    expect(publisher.counts).toEqual({ published: 0, dropped: 3 });
    reach(nats.connect('crawl'));
    await publisher.close();
    expect(publisher.counts).toEqual({ published: MAX_WAITING_EVENTS, dropped: 3 });
    expect(nats.textsIn('crawl-events')[0]).toMatchObject({ number: 4 });
  });

  test('at the end what waits for a server gets two seconds, and then is dropped', async () => {
    const { publisher, clock } = publishing(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('not reached')));
        }),
    );
    publisher.push({ type: 'started' });
    let isClosed = false;
    const closing = publisher.close().then(() => {
      isClosed = true;
    });
    clock.increment(1_999);
    await turns();
    expect(isClosed).toBe(false);
    clock.increment(1);
    await closing;
    expect(publisher.counts).toEqual({ published: 0, dropped: 1 });
  });

  test('a server that answers no more does not keep the end either', async () => {
    const nats = new FakeNats();
    const silent = nats.connect('crawl');
    silent.client.publish = () => new Promise(() => {});
    const { publisher, clock } = publishing(() => Promise.resolve(silent));
    publisher.push({ type: 'started' });
    const closing = publisher.close();
    await turns();
    clock.increment(2_000);
    await turns();
    expect(nats.log).toEqual(['close']);
    await closing;
  });

  test('an event that the server refuses is counted, and the next one is published', async () => {
    const nats = new FakeNats();
    const jetStream = nats.connect('crawl');
    const { publish } = jetStream.client;
    jetStream.client.publish = (...given) => {
      if (String(given[1]).includes('large')) return Promise.reject(new Error('too large'));
      return publish.apply(jetStream.client, given);
    };
    const { publisher } = publishing(() => Promise.resolve(jetStream));
    publisher.push({ text: 'large' });
    publisher.push({ text: 'small' });
    await publisher.close();
    expect(publisher.counts).toEqual({ published: 1, dropped: 1 });
  });

  test('a server that cannot be used is reported once, and every event is counted as dropped', async () => {
    const { publisher, failures } = publishing(() => Promise.reject(new Error('no JetStream')));
    publisher.push({ type: 'started' });
    await turns();
    publisher.push({ type: 'stopped' });
    await publisher.close();
    expect(failures).toEqual(['no JetStream']);
    expect(publisher.counts).toEqual({ published: 0, dropped: 2 });
  });
});

function publishing(open: (signal: AbortSignal) => Promise<JetStream>) {
  const clock = new SimulatedClock();
  const failures: string[] = [];
  const publisher = new EventPublisher({
    open,
    node: 'ab',
    run: '1',
    onFailure: ({ message }) => failures.push(message),
    clock: clock as never,
  });
  return { publisher, clock, failures };
}
