import { describe, expect, test } from 'vitest';

import { noblePrimitives } from '../../src/io/crypto/primitives.ts';
import {
  recordFor,
  reportStatement,
  requireSigningKey,
  unasked,
} from '../../src/server/discovery-version.ts';
import { alice } from '../support/handshake.ts';

describe('what a node sees as our endpoint', () => {
  const reported = (host: string, seen: string): readonly unknown[] => {
    const events: unknown[] = [];
    const clock = { now: () => 7, setTimeout: () => 0, clearTimeout: () => {} };
    reportStatement({ host, endpoint: { host: seen, port: 30_303 } }, clock, {
      sendToRunLoop: (event) => events.push(event),
    });
    return events;
  };

  test('is a vote of its network', () => {
    const endpoint = { host: '45.0.0.1', port: 30_303 };
    const at = { type: 'endpoint.stated', endpoint, at: 7 };
    expect(reported('46.0.0.2', '45.0.0.1')).toEqual([
      { ...at, family: 'ipv4', voter: '46.0.0.0/24' },
    ]);
    expect(reported('2001:4860:0:1::1', '2001:4860::1')).toMatchObject([{ family: 'ipv6' }]);
  });

  test('is left out when it is of no use to others', () => {
    expect(reported('46.0.0.2', '')).toEqual([]);
    expect(reported('46.0.0.2', '192.168.0.1')).toEqual([]);
  });
});

test('there is no discovery without a record', () => {
  expect(() => recordFor({ record: () => null })).toThrow('our key signs no node record');
  const sign = (): never => {
    throw new Error('locked');
  };
  const locked = { ...alice, sign };
  expect(() => requireSigningKey(locked, noblePrimitives)).toThrow('our key signs no node record');
  expect(() => requireSigningKey(alice, noblePrimitives)).not.toThrow();
});

test('a version that cannot ask has no answer', () => {
  const answers: unknown[] = [];
  unasked((node) => answers.push(node))();
  expect(answers).toEqual([null]);
});
