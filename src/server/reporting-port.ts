/**
 * A port that also tells of each message: received ones when the handler takes them, sent ones when they have gone.
 * Only made when somebody asked for it. Source: go-ethereum p2p/message.go, msgEventer.
 */
import type { Port } from '../api/protocol.ts';

export type MessageReport = (
  type: 'msgrecv' | 'msgsend',
  /** The protocol's own. */
  code: number,
  /** Bytes of the payload, not compressed. */
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
      sent.catch(() => {}); // a handler that does not await it must not take the process down
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
