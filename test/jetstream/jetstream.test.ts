import { describe, expect, test } from 'vitest';

import { NatsError, openJetStream, parseJetStreamUrl } from '../../src/jetstream/jetstream.ts';

describe('the URL of a NATS server', () => {
  test.for([
    ['nats://127.0.0.1:4222', { server: '127.0.0.1:4222', name: 'peerchart', isTls: false }],
    ['nats://nats.example', { server: 'nats.example', name: 'peerchart', isTls: false }],
    ['nats://[::1]:4222/sepolia', { server: '[::1]:4222', name: 'sepolia', isTls: false }],
    ['tls://nats.example/a-b_1', { server: 'nats.example', name: 'a-b_1', isTls: true }],
    [
      'nats://crawler:p%40ss@nats.example',
      { server: 'nats.example', name: 'peerchart', isTls: false, user: 'crawler', pass: 'p@ss' },
    ],
    [
      'nats://secret@nats.example',
      { server: 'nats.example', name: 'peerchart', isTls: false, token: 'secret' },
    ],
  ] as const)('%s', ([text, url]) => {
    expect(parseJetStreamUrl(text)).toEqual(url);
  });

  test.for([
    '',
    'nats',
    'nats://',
    'http://127.0.0.1:4222',
    'nats://127.0.0.1:4222?x=1',
    'nats://127.0.0.1:4222/a/b',
    'nats://127.0.0.1:4222/a.b',
    `nats://127.0.0.1:4222/${'a'.repeat(33)}`,
    'nats://%ff@127.0.0.1:4222',
  ])('"%s" is none', (text) => {
    expect(() => parseJetStreamUrl(text)).toThrow(NatsError);
  });
});

describe('a NATS server that is not there', () => {
  const nowhere = parseJetStreamUrl('nats://peer:secret@127.0.0.1:1');

  test('is an error that names it, without the password', async () => {
    await expect(openJetStream(nowhere)).rejects.toThrow(/^NATS at 127\.0\.0\.1:1: (?!.*secret)/);
  });

  test('is waited for, until the signal', async () => {
    const controller = new AbortController();
    const opening = openJetStream(nowhere, { waitsForServer: true, signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(opening).rejects.toThrow(NatsError);
  });
});
