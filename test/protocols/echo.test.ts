import { describe, expect, test } from 'vitest';
import type { Peer } from '../../src/api/peer.ts';
import type { ProtocolTools } from '../../src/api/protocol-tools.ts';
import { QueuedPort } from '../../src/io/link/protocol-port.ts';
import { Traffic } from '../../src/io/link/traffic.ts';
import { encodeRlp } from '../../src/io/wire/rlp.ts';
import { type EchoHooks, type EchoMessage, echo } from '../../src/protocols/echo.ts';
import { StepClock } from '../support/step-clock.ts';
import { fault } from '../support/wire.ts';

const SAY = 0;
const ECHO = 1;
const text = (words: string) => new TextEncoder().encode(words);
const payload = (words: string) => encodeRlp(text(words));

describe('echo/1', () => {
  test('has two messages', () => {
    expect(echo()).toMatchObject({ name: 'echo', version: 1, length: 2 });
  });

  test('sends every text back, byte for byte and in order', async () => {
    const { tell, sent, heard } = run();

    await tell(SAY, payload('one'));
    await tell(SAY, payload(''));

    expect(sent).toEqual([
      [ECHO, payload('one')],
      [ECHO, payload('')],
    ]);
    expect(heard).toEqual([
      { peer: PEER, kind: 'said', bytes: text('one') },
      { peer: PEER, kind: 'said', bytes: text('') },
    ]);
  });

  test('an echo is reported and not answered', async () => {
    const { tell, sent, heard } = run();

    await tell(ECHO, payload('back'));

    expect(sent).toEqual([]);
    expect(heard).toEqual([{ peer: PEER, kind: 'echoed', bytes: text('back') }]);
  });

  test('sends its text first, when it has one', async () => {
    const { tell, sent } = run({ say: 'hello' });

    await tell(SAY, payload('you first'));

    expect(sent).toEqual([
      [SAY, payload('hello')],
      [ECHO, payload('you first')],
    ]);
  });

  test('E19: an onMessage whose promise rejects ends the peer', async () => {
    const { port, ended } = run({ onMessage: async () => Promise.reject(new Error('oops')) });
    port.deliver({ code: SAY, payload: payload('one') });
    await expect(ended).rejects.toThrow('oops');
  });

  test('returns when the peer is gone', async () => {
    const { port, ended } = run();

    port.close(new Error('gone'));

    await expect(ended).resolves.toBeUndefined();
  });

  test.for([
    ['no RLP', Uint8Array.of(0xff)],
    ['a list', encodeRlp([text('in a list')])],
  ] as const)('a payload that is %s is a fault of the peer', async ([, bytes]) => {
    const { port, ended } = run();

    port.deliver({ code: SAY, payload: bytes });

    await expect(ended).rejects.toEqual(fault('malformedRlp'));
  });
});

/** Only handed through. */
const PEER = { id: 'a peer' } as Peer;

function run(hooks: EchoHooks = {}) {
  const sent: [code: number, payload: Uint8Array][] = [];
  const heard: EchoMessage[] = [];
  const place = { name: 'echo', version: 1, length: 2, offset: 0, maxMessageBytes: 100 };
  const port = new QueuedPort(place, {
    clock: new StepClock(),
    send: async (code, bytes) => {
      sent.push([code, bytes]);
      return bytes.length;
    },
    onTaken: () => {},
    traffic: new Traffic().of(place),
  });
  const ended = echo({ onMessage: (message) => heard.push(message), ...hooks }).run(
    PEER,
    port,
    {} as ProtocolTools,
  );
  return {
    port,
    sent,
    heard,
    ended,
    /** Delivers a message and lets the handler do all it does about it. */
    async tell(code: number, bytes: Uint8Array): Promise<void> {
      port.deliver({ code, payload: bytes });
      await new Promise(setImmediate);
    },
  };
}
