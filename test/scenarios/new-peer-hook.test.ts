/** The `onPeer` option, called before the add event and before any handler. */
import { describe, expect, test } from 'vitest';
import type { Peer } from '../../src/api/peer.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { echo } from '../../src/protocols/echo.ts';
import { meet, storyOf, World } from '../support/world.ts';

describe('the new-peer hook', () => {
  test('is called before the add event, which comes before any handler', async () => {
    const order: string[] = [];
    const world = new World();
    const b = world.add(2, { protocols: [echo()] });
    const a = world.add(1, {
      protocols: [{ ...echo(), run: async () => void order.push('handler') }],
      onPeer: (peer) => {
        order.push(`hook ${a.server.peers.includes(peer)}`);
      },
    });
    a.server.on('add', () => void order.push('add'));
    await world.start(a, b);
    a.server.addPeer(b.enode);
    await world.settle();

    expect(order).toEqual(['hook true', 'add', 'handler']);
    await world.end();
  });

  test('that throws is logged, and the peer stays', async () => {
    const { world, a, b } = await meet({
      a: {
        onPeer: () => {
          throw new Error('on purpose');
        },
      },
    });

    expect([storyOf(a), storyOf(b)]).toEqual([['add'], ['add']]);
    expect(world.faults.splice(0)).toEqual(['onPeer: on purpose']);
    await world.end();
  });

  test('E19: whose promise rejects is logged, and the peer stays', async () => {
    const { world, a, b } = await meet({
      a: { onPeer: async () => Promise.reject(new Error('on purpose')) },
    });

    expect([storyOf(a), storyOf(b)]).toEqual([['add'], ['add']]);
    expect(world.faults.splice(0)).toEqual(['onPeer: on purpose']);
    await world.end();
  });

  test('may refuse the peer', async () => {
    const ids: string[] = [];
    const { world, a, b } = await meet({
      a: {
        onPeer: (peer: Peer) => {
          ids.push(peer.id);
          peer.disconnect('uselessPeer');
        },
      },
    });
    await world.advance(FAREWELL_MS);

    expect(ids).toEqual([b.key.id]);
    expect([storyOf(a), storyOf(b)]).toEqual([
      ['add', 'drop ending.rejected.uselessPeer'],
      ['add', 'drop ending.refused.uselessPeer'],
    ]);
    await world.end();
  });
});
