import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';

import type { Peer, Port, Protocol } from '../../../src/exports/main.ts';
import { expectMessage } from '../../../src/testing/protocol/expect-message.ts';
import { pairedPeers } from '../../../src/testing/protocol/paired-peers.ts';
import { StepClock } from '../../support/step-clock.ts';

const chat = (run: Protocol['run'], version = 1): Protocol => ({
  name: 'chat',
  version,
  length: 2,
  run,
});
const word = (text: string) => new TextEncoder().encode(text);

describe('two peers', () => {
  test('exchange messages and know who dialled', async () => {
    const heard: string[] = [];
    const talk = async (peer: Peer, port: Port) => {
      if (peer.direction === 'static') return port.send(0, word('hi'));
      const { payload } = await expectMessage(port, 0);
      heard.push(new TextDecoder().decode(payload));
    };
    const [a, b] = pairedPeers([chat(talk)]);
    await Promise.all([a.done, b.done]);
    expect(heard).toEqual(['hi']);
    expect([a.peer.direction, b.peer.direction]).toEqual(['static', 'inbound']);
    expect(a.peer).toMatchObject({ protocols: ['chat/1'], capabilities: [{ name: 'chat' }] });
  });

  test('can both start by sending', async () => {
    const both = chat(async (_, port) => {
      await port.send(0, word('status'));
      await expectMessage(port, 0, word('status'));
    });
    const [a, b] = pairedPeers([both]);
    await Promise.all([a.done, b.done]);
  });

  test('use the highest common version', async () => {
    const spoken: number[] = [];
    const versions = (...all: number[]) =>
      all.map((version) => chat(async (_, port) => void spoken.push(port.version), version));
    const [a] = pairedPeers(versions(1, 2, 3), versions(4, 2, 1));
    await a.done;
    expect(spoken).toEqual([2, 2]);
  });

  test('must share a protocol', () => {
    expect(() => pairedPeers([chat(async () => {}, 1)], [chat(async () => {}, 2)])).toThrow(
      'share no protocol',
    );
  });
});

describe('the end', () => {
  test('of one handler ends all others, and its error rejects `done`', async () => {
    const [a, b] = pairedPeers(
      [chat(() => Promise.reject(new Error('oops')))],
      [
        chat(async (_, port) => {
          for await (const _message of port);
          throw port.signal.reason;
        }),
      ],
    );
    await expect(a.done).rejects.toThrow('oops');
    await expect(b.done).rejects.toThrow('the peer disconnected: chat/1 ended');
  });

  test('is not brought about with a reason that a server does not take either', async () => {
    const [a] = pairedPeers([chat(async (peer) => peer.disconnect('pingFlood' as 'requested'))]);
    await expect(a.done).rejects.toThrow(TypeError);
    expect(a.disconnectReason).toBeNull();
  });

  test('of all handlers follows a disconnect, also of the handler that asked for it', async () => {
    const next = async (port: Port) => void (await port[Symbol.asyncIterator]().next());
    const [a, b] = pairedPeers(
      [
        chat(async (peer, port) => {
          peer.disconnect();
          await next(port);
        }),
      ],
      [chat(async (_, port) => next(port))],
    );
    await Promise.all([a.done, b.done]);
  });

  test('of all handlers follows a disconnect, whose reason is kept', async () => {
    const [a, b] = pairedPeers(
      [chat(async (peer) => peer.disconnect('uselessPeer'))],
      [chat(async (_, port) => void (await port[Symbol.asyncIterator]().next()))],
    );
    await Promise.all([a.done, b.done]);
    expect(a.disconnectReason).toBe('uselessPeer');
    expect(b.disconnectReason).toBeNull();
  });
});

describe('the tools of a handler', () => {
  const waitMachine = setup({
    types: { events: {} as { readonly type: 'break' } },
    delays: { patience: 5_000 },
    actions: {
      fail: () => {
        throw new Error('a broken chart');
      },
    },
  }).createMachine({
    id: 'wait',
    initial: 'waiting',
    states: {
      waiting: { after: { patience: 'over' }, on: { break: { actions: 'fail' } } },
      over: { type: 'final' },
    },
  });

  test('start charts on the given clock, which end with the handler', async () => {
    const clock = new StepClock();
    const ends: string[] = [];
    const [a] = pairedPeers(
      [
        chat((_peer, _port, tools) => {
          const wait = (onEnd: () => void) =>
            tools.startActor(waitMachine, {
              input: undefined,
              onEnd: ({ status }) => {
                ends.push(status);
                onEnd();
              },
            });
          return new Promise((resolve) => {
            wait(resolve);
            clock.setTimeout(() => wait(() => {}), 1);
          });
        }),
      ],
      [chat(async (_, port) => void (await port[Symbol.asyncIterator]().next()))],
      { clock },
    );
    await Promise.resolve();
    clock.advance(5_000);
    await a.done;
    expect([ends, clock.pending]).toEqual([['done', 'stopped'], 0]);
  });

  test('are the real ones by default, and a chart that breaks rejects `done`', async () => {
    const times: number[] = [];
    const [a] = pairedPeers(
      [
        chat(async (_, port, tools) => {
          times.push(tools.unixTimeMs(), tools.random(3).length);
          tools.startActor(waitMachine, { input: undefined }).send({ type: 'break' });
          await port[Symbol.asyncIterator]().next();
        }),
      ],
      [chat(async (_, port) => void (await port[Symbol.asyncIterator]().next()))],
    );
    await expect(a.done).rejects.toThrow('a broken chart');
    expect(times).toEqual([expect.closeTo(Date.now(), -5), 3]);
  });
});
