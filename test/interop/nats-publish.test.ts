/** `peerchart run --publish` with a real nats-server, through a restart of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';

import { EventPublisher } from '../../src/jetstream/event-publisher.ts';
import { openJetStream, parseJetStreamUrl } from '../../src/jetstream/jetstream.ts';
import { begin } from '../cli/begin-run.ts';
import { connected, startNatsServer } from './nats-server.ts';

test('events of two nodes are on one stream, each once, also when the server restarts meanwhile', async () => {
  const server = await startNatsServer();
  const nodes = ['aa', 'bb'].map((node) => publisherOf(server.url, node));
  const total = 500;
  for (let number = 1; number <= total; number += 1) {
    for (const { publisher } of nodes) publisher.push({ type: 'peer.added', number });
    if (number % 50 === 0) await delay(20);
    if (number === 200) await server.kill();
    if (number === 300) await server.startAgain();
  }
  const published = () => nodes.map(({ publisher }) => publisher.counts.published);
  await expect.poll(published, { timeout: 40_000 }).toEqual([total, total]);
  await Promise.all(nodes.map(({ publisher }) => publisher.close()));
  expect(nodes.flatMap(({ failures }) => failures)).toEqual([]);
  const jetStream = await connected(server.url);
  const { state } = await jetStream.manager.streams.info('peerchart-events', {
    subjects_filter: '>',
  });
  expect(state.subjects).toEqual({ 'peerchart.events.aa': total, 'peerchart.events.bb': total });
});

test('a node that runs publishes its start and its end', async () => {
  const { url } = await startNatsServer();
  const { terminal, code } = begin({ publish: url });
  const { id } = await terminal.report('started');
  terminal.stop();
  expect(await code).toBe(0);
  const jetStream = await connected(url);
  const messages = await Promise.all(
    [1, 2, 3].map((seq) => jetStream.manager.streams.getMessage('peerchart-events', { seq })),
  );
  expect(messages.map((message) => message?.json())).toMatchObject([
    { type: 'started', node: id, number: 1 },
    { type: 'stopping', node: id, number: 2 },
    { type: 'stopped', node: id, number: 3 },
  ]);
  expect(terminal.errors).not.toContain('events:');
});

function publisherOf(url: string, node: string) {
  const failures: string[] = [];
  const publisher = new EventPublisher({
    open: (signal) => openJetStream(parseJetStreamUrl(url), { waitsForServer: true, signal }),
    node,
    run: '1',
    onFailure: ({ message }) => failures.push(message),
  });
  return { publisher, failures };
}
