import { expect, test } from 'vitest';

import { collectResults } from '../../src/crawl/jetstream-collector.ts';
import { JetStreamResults } from '../../src/crawl/jetstream-results.ts';
import type { VisitRecord } from '../../src/crawl/visit-record.ts';
import { FakeNats } from '../support/fake-nats.ts';
import { visitRecord } from '../support/visit-records.ts';

const never = new AbortController().signal;

test('every record of the stream is written once, and those that were not written come again', async () => {
  const nats = new FakeNats();
  const stream = await JetStreamResults.open(nats.connect());
  for (let index = 1; index <= 250; index += 1) await stream.write(visitRecord(index));
  const kept: VisitRecord[] = [];
  let isFull = true;
  const results = {
    write: async (record: VisitRecord) => {
      if (isFull && kept.length === 150) throw new Error('the disk is full');
      kept.push(record);
    },
    close: async () => {},
  };
  const options = { jetStream: nats.connect(), results, signal: never, endsWhenEmpty: true };
  await expect(collectResults(options)).rejects.toThrow('the disk is full');
  isFull = false;
  nats.loseWorkers();
  expect(await collectResults(options)).toBe(100);
  expect(kept).toEqual(Array.from({ length: 250 }, (_, index) => visitRecord(index + 1)));
});

test('the signal ends it', async () => {
  const nats = new FakeNats();
  const stream = await JetStreamResults.open(nats.connect());
  await stream.write(visitRecord());
  const controller = new AbortController();
  const collecting = collectResults({
    jetStream: nats.connect(),
    results: { write: async () => {}, close: async () => {} },
    signal: controller.signal,
    onRecord: () => controller.abort(),
  });
  expect(await collecting).toBe(1);
});

test('a message that is no record is passed over', async () => {
  const nats = new FakeNats();
  const stream = await JetStreamResults.open(nats.connect());
  const { client } = nats.connect();
  for (const text of ['', 'null', '{}', '{"id":"01","enode":"","at":1,"latencyMs":{}}'])
    await client.publish(`crawl.results.x${text.length}`, text);
  await stream.write(visitRecord());
  const results = { write: async () => {}, close: async () => {} };
  const options = { jetStream: nats.connect(), results, signal: never, endsWhenEmpty: true };
  expect(await collectResults(options)).toBe(1);
  expect(nats.log.filter((line) => line.startsWith('term'))).toHaveLength(4);
});
