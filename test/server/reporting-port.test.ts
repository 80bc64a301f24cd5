import { describe, expect, test } from 'vitest';
import type { Message, Port } from '../../src/api/protocol.ts';
import type { ServerEvent } from '../../src/api/server-events.ts';
import { echo } from '../../src/protocols/echo.ts';
import { reportMessages } from '../../src/server/reporting-port.ts';
import { turns } from '../support/turn.ts';
import { type Member, meet } from '../support/world.ts';

/** A port that has these messages, and sends unless `refusal` is given. */
function newPort(messages: readonly Message[], refusal?: Error) {
  const told: [string, number, number][] = [];
  const signal = new AbortController().signal;
  const port: Port = {
    name: 'eth',
    version: 69,
    signal,
    send: () => (refusal ? Promise.reject(refusal) : Promise.resolve()),
    async *[Symbol.asyncIterator]() {
      yield* messages;
    },
  };
  const reported = reportMessages(port, (...report) => told.push(report));
  return { port, reported, told };
}

describe('a reporting port', () => {
  test('is otherwise the same as the port it wraps', () => {
    const { port, reported } = newPort([]);
    expect([reported.name, reported.version, reported.signal]).toEqual(['eth', 69, port.signal]);
  });

  test('reports a message when it is read, and does not report the end', async () => {
    const messages = [3, 4].map((code) => ({ code, payload: new Uint8Array(10 * code) }));
    const { reported, told } = newPort(messages);
    expect(told).toEqual([]);
    const seen: Message[] = [];
    for await (const message of reported) {
      seen.push(message);
      expect(told).toHaveLength(seen.length);
    }
    expect(seen).toEqual(messages);
    expect(told).toEqual([
      ['msgrecv', 3, 30],
      ['msgrecv', 4, 40],
    ]);
  });

  test('reports a message when it was sent, and not when sending failed', async () => {
    const { reported, told } = newPort([]);
    await reported.send(5, new Uint8Array(7));
    expect(told).toEqual([['msgsend', 5, 7]]);

    const refusal = new RangeError('too long');
    const refusing = newPort([], refusal);
    await expect(refusing.reported.send(5, new Uint8Array(7))).rejects.toBe(refusal);
    expect(refusing.told).toEqual([]);
  });

  test('P17: a failed send that is not awaited does not crash the process', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    void newPort([], new Error('gone')).reported.send(0, new Uint8Array(1));
    await turns(2);
    process.off('unhandledRejection', hear);
    expect(unheard).toEqual([]);
  });
});

describe('a server', () => {
  /** What it reported of messages: type, protocol, code and size. */
  function messagesOf({ server }: Member) {
    const heard: unknown[][] = [];
    const note = (event: Extract<ServerEvent, { type: 'msgsend' | 'msgrecv' }>) =>
      heard.push([event.type, event.peer.id, event.protocol, event.code, event.size]);
    server.on('msgsend', note);
    server.on('msgrecv', note);
    return heard;
  }

  async function echoing(messageEvents: boolean) {
    const at = await meet({ a: { messageEvents, protocols: [echo({ say: 'x'.repeat(99) })] } });
    const heard = messagesOf(at.a);
    at.a.server.peers[0]!.disconnect();
    await at.world.settle();
    at.a.server.addPeer(at.b.enode);
    await at.world.advance(60_000);
    return { ...at, heard };
  }

  test('reports each message of a subprotocol, and none of the base protocol', async () => {
    const { world, b, heard } = await echoing(true);
    const rlpBytes = 101; // two of them say how long it is
    expect(heard).toEqual([
      ['msgsend', b.key.id, 'echo/1', 0, rlpBytes],
      ['msgrecv', b.key.id, 'echo/1', 1, rlpBytes],
    ]);
    await world.end();
  });

  test('reports no message without messageEvents', async () => {
    const { world, heard } = await echoing(false);
    expect(heard).toEqual([]);
    await world.end();
  });
});
