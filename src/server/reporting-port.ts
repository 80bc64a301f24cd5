/**
 * A port that also reports each message: a received one when the handler reads it, a sent one when it was written.
 * Only made with the option `messageEvents`. Source: go-ethereum p2p/message.go, msgEventer.
 */
import type { Port } from '../api/protocol.ts';

export type MessageReport = (
  type: 'msgrecv' | 'msgsend',
  /** Code within the protocol, from 0. */
  code: number,
  /** Bytes of the payload, uncompressed. */
  size: number,
) => void;

export function reportMessages(port: Port, report: MessageReport): Port {
  const { name, version, signal } = port;
  return {
    name,
    version,
    signal,
    send(code, payload) {
      const sent = port.send(code, payload).then(() => report('msgsend', code, payload.length));
      sent.catch(() => {}); // a handler that does not await it must not crash the process
      return sent;
    },
    [Symbol.asyncIterator]() {
      const messages = port[Symbol.asyncIterator]();
      return {
        async next() {
          const result = await messages.next();
          if (!result.done) report('msgrecv', result.value.code, result.value.payload.length);
          return result;
        },
      };
    },
  };
}
