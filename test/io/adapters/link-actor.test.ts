import { expect, test } from 'vitest';
import { linkActor } from '../../../src/io/adapters/link-actor.ts';
import type { Link } from '../../../src/io/link/link.ts';
import type { LinkCommand } from '../../../src/io/link/link-events.ts';
import { type LinkEvent, newLinks } from '../../support/links.ts';
import { runAdapter } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

test('a machine sends commands, gets reports, and detaches when it stops', async () => {
  const linked = newLinks();
  const { send, reports, stop } = runAdapter<LinkEvent, LinkCommand, Link>(
    linkActor,
    linked.alice.link,
  );
  send({ type: 'send.auth' });
  await reports.next('auth.sent');
  stop();
  linked.pair.cut('reset', 0, 'bToA');
  await turns();
  expect([reports.types, linked.alice.reports.types]).toEqual([['auth.sent'], []]);
  expect(linked.alice.stream.duplex.isPaused()).toBe(true);
});
