import { describe, expect, test } from 'vitest';

import {
  ensureConsumer,
  ensureStream,
  isFull,
  isKnownKey,
  isSubjectFull,
} from '../../src/jetstream/streams.ts';
import { FakeNats } from '../support/fake-nats.ts';

const config = { name: 'numbers', subjects: ['numbers.*'] };

describe('streams and consumers', () => {
  test('a stream is made once, and stays as an operator has changed it', async () => {
    const nats = new FakeNats();
    await ensureStream(nats.connect(), { ...config, max_msgs: 10 });
    await ensureStream(nats.connect(), { ...config, max_msgs: 20 });
    expect(nats.streams.get('numbers')?.config).toEqual({ ...config, max_msgs: 10 });
  });

  test('a consumer is made once, and stays as an operator has changed it', async () => {
    const nats = new FakeNats();
    const jetStream = nats.connect();
    await ensureStream(jetStream, config);
    await ensureConsumer(jetStream, 'numbers', { durable_name: 'workers', max_ack_pending: 1 });
    await ensureConsumer(jetStream, 'numbers', { durable_name: 'workers', max_ack_pending: 2 });
    expect(nats.consumers.get('numbers/workers')).toMatchObject({ max_ack_pending: 1 });
  });

  test('any other error comes through', async () => {
    const broken = new FakeNats().connect();
    const error = Object.assign(new Error('no'), { code: 10023 });
    broken.manager.streams.add = () => Promise.reject(error);
    broken.manager.consumers.info = () => Promise.reject(error);
    await expect(ensureStream(broken, config)).rejects.toBe(error);
    await expect(ensureConsumer(broken, 'numbers', { durable_name: 'x' })).rejects.toBe(error);
  });

  test('a full stream and a full subject are told apart', () => {
    const stream = Object.assign(new Error('maximum messages exceeded'), { code: 10077 });
    const subject = Object.assign(new Error('maximum messages per subject exceeded'), {
      code: 10077,
    });
    expect([isFull(stream), isSubjectFull(stream)]).toEqual([true, false]);
    expect([isFull(subject), isSubjectFull(subject)]).toEqual([true, true]);
    expect([isFull(new Error('no')), isSubjectFull(new Error('no'))]).toEqual([false, false]);
  });

  test('a key that its bucket has is told from other errors', () => {
    expect(isKnownKey(Object.assign(new Error('wrong last sequence'), { code: 10071 }))).toBe(true);
    expect(isKnownKey(new Error('no'))).toBe(false);
  });
});
