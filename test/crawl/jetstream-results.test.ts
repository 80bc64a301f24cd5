import { describe, expect, test } from 'vitest';

import { JetStreamResults } from '../../src/crawl/jetstream-results.ts';
import { FakeNats } from '../support/fake-nats.ts';
import { refusedRecord, visitRecord } from '../support/visit-records.ts';

describe('results on a stream', () => {
  test('each visit is one message, and a repeated one is counted', async () => {
    const nats = new FakeNats();
    const results = await JetStreamResults.open(nats.connect());
    await results.write(visitRecord());
    await results.write(visitRecord());
    await results.write(refusedRecord());
    await results.close();
    expect(nats.textsIn('crawl-results')).toEqual([visitRecord(), refusedRecord()]);
    expect(results.counts).toEqual({ written: 3, repeated: 1 });
    expect(nats.log).toEqual(['close']);
  });
});
