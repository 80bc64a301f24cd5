import { expect, test } from 'vitest';

import type { CloseKind } from '../../../src/io/link/link-events.ts';
import { FAILURES } from '../../../src/machines/connection/connection-endings.ts';
import { judgeClose, LINK_FAILURES } from '../../../src/machines/connection/link-failures.ts';
import { PEER_FAILURES } from '../../../src/machines/peer/peer-endings.ts';

const CLOSES = {
  closed: 'fail.connectionClosed',
  reset: 'fail.connectionReset',
  broken: 'fail.connectionBroken',
} as const satisfies Record<CloseKind, string>;

for (const [how, type] of Object.entries(CLOSES) as [CloseKind, string][])
  test(`a stream that is ${how} ends the connection as ${type}`, () => {
    expect(judgeClose(how, '')).toEqual({ type, facts: {} });
    expect(judgeClose(how, 'EPIPE')).toEqual({ type, facts: { detail: 'EPIPE' } });
  });

test('setup and peer fail with the same reasons, in the same words', () => {
  expect(PEER_FAILURES).toBe(LINK_FAILURES);
  expect(FAILURES).toMatchObject(LINK_FAILURES);
});
