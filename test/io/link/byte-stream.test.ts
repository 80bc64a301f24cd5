import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';

import { byteStream, closeKindOf } from '../../../src/io/link/byte-stream.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import { turns } from '../../support/turn.ts';

const remote = { host: '192.0.2.7', port: 30_303 };
const local = { host: '192.0.2.1', port: 4 };

describe('a byte stream', () => {
  test('names both ends of its duplex', () => {
    const duplex = new PassThrough();
    expect(byteStream(duplex, remote, local)).toMatchObject({ remote, local, duplex });
  });

  test('has IPv4 ends also when its socket has them inside IPv6', () => {
    const mapped = ({ host, port }: Endpoint) => ({ host: `::ffff:${host}`, port });
    const stream = byteStream(new PassThrough(), mapped(remote), mapped(local));
    expect(stream).toMatchObject({ remote, local });
    expect(stream.toJSON()).toBe('[stream 192.0.2.7:30303]');
  });

  test('R6: an error without another listener does not end the process', async () => {
    const duplex = new PassThrough();
    byteStream(duplex, remote, local);
    duplex.destroy(new Error('read ECONNRESET'));
    await turns();
    expect(duplex.closed).toBe(true);
  });

  test('may be destroyed more than once', () => {
    const stream = byteStream(new PassThrough(), remote, local);
    stream.destroy();
    stream.destroy();
    expect(stream.duplex.destroyed).toBe(true);
  });

  test('is one word in a log', () => {
    const stream = byteStream(new PassThrough(), remote, local);
    expect(JSON.stringify({ stream })).toBe('{"stream":"[stream 192.0.2.7:30303]"}');
  });
});

for (const [code, kind] of [
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['ECONNABORTED', 'reset'],
  ['ETIMEDOUT', 'broken'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'broken'],
] as const)
  test(`a stream that closes after ${code} was ${kind}`, () => {
    expect(closeKindOf(Object.assign(new Error('gone'), { code }))).toBe(kind);
  });

test('a stream that closes without an error was closed, and one without a code was broken', () => {
  expect([closeKindOf(null), closeKindOf(new Error('gone'))]).toEqual(['closed', 'broken']);
});
