import { describe, expect, test } from 'vitest';

import { PONG_TIMEOUT_MS, READ_TIMEOUT_MS } from '../../../src/io/link/link-timeouts.ts';
import { PING_BURST } from '../../../src/io/link/message-router.ts';
import { READING_AFTER } from '../../../src/io/link/rlpx-link.ts';
import { DISCONNECT, HELLO, PING, PONG } from '../../../src/io/wire/base-message.ts';
import { hex } from '../../support/crypto.ts';
import { routeWithRaw } from '../../support/links.ts';
import { turns } from '../../support/turn.ts';

type ReadingTable = Record<keyof typeof READING_AFTER, 'continues' | 'stops'>;

const EMPTY_LIST = hex('c0');

test('a table that lacks the row of one event does not compile', () => {
  const { 'link.silent': _, ...incomplete } = READING_AFTER;
  // @ts-expect-error 'link.silent' has no row
  const table: ReadingTable = incomplete;
  expect(table).not.toHaveProperty('link.silent');
});

test('reading continues after events that end nothing, and stops after all others', () => {
  const continuing = Object.entries(READING_AFTER).filter(([, reading]) => reading === 'continues');
  expect(continuing.map(([type]) => type)).toEqual([
    'auth.sent',
    'auth.queued',
    'auth.received',
    'ack.sent',
    'ack.received',
    'pong.received',
    'pong.deferred',
    'link.closed',
  ]);
});

describe('messages behind one that is reported', () => {
  type Link = Awaited<ReturnType<typeof routeWithRaw>>;
  const causes: Partial<Record<keyof ReadingTable, (link: Link) => void | Promise<void>>> = {
    'pong.received': ({ side, peer }) => {
      side.tell('send.ping');
      peer.send(PONG, EMPTY_LIST);
    },
    'pong.deferred': ({ side }) => {
      side.tell('send.ping');
      side.clock.advance(PONG_TIMEOUT_MS); // it is still queued
    },
    'pong.overdue': async ({ side }) => {
      side.tell('send.ping');
      await turns();
      side.clock.advance(PONG_TIMEOUT_MS);
    },
    'ping.flooded': ({ peer }) => {
      for (let i = 0; i <= PING_BURST; i += 1) peer.send(PING, EMPTY_LIST);
    },
    'hello.repeated': ({ peer }) => peer.send(HELLO, EMPTY_LIST),
    'disconnect.received': ({ peer }) => peer.send(DISCONNECT, hex('c104')),
    'message.unroutable': ({ peer }) => peer.send(0x99, EMPTY_LIST),
    'link.silent': ({ side }) => side.clock.advance(READ_TIMEOUT_MS),
  };

  for (const [type, cause] of Object.entries(causes)) {
    const reading = READING_AFTER[type as keyof ReadingTable];
    const verb = reading === 'stops' ? 'are not read after' : 'are read after';
    test(`${verb} ${type}`, async () => {
      const link = await routeWithRaw(4);
      await cause(link);
      await turns();
      let isRead = false;
      void link.port[Symbol.asyncIterator]()
        .next()
        .then(() => {
          isRead = true;
        });
      link.peer.send(0x10, EMPTY_LIST);
      await turns();
      expect(link.side.reports.types.at(-1)).toBe(type);
      expect(isRead).toBe(reading === 'continues');
    });
  }
});
