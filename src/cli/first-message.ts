/** Looks at the first message of a subprotocol before it is decided which handler gets it. */
import type { Message, Port } from '../api/protocol.ts';
import type { Clock } from '../io/process/clock.ts';

export type FirstMessage = {
  /** Null when none came in time, or the peer has ended. */
  readonly message: Message | null;
  /** A port from which the same message is read again. */
  readonly port: Port;
};

/** @param waitMs Longest wait, in ms. */
export async function firstMessage(
  port: Port,
  clock: Clock,
  waitMs: number,
): Promise<FirstMessage> {
  const source = port[Symbol.asyncIterator]();
  const first = source.next();
  let timer: unknown;
  const timeout = new Promise<null>((resolve) => {
    timer = clock.setTimeout(() => resolve(null), waitMs);
  });
  const result = await Promise.race([first, timeout]);
  clock.clearTimeout(timer);
  let isRead = false;
  const next = (): Promise<IteratorResult<Message>> => {
    if (isRead) return source.next();
    isRead = true;
    return first;
  };
  return {
    message: result === null || result.done ? null : result.value,
    port: {
      ...{ name: port.name, version: port.version },
      get signal() {
        return port.signal;
      },
      send: (code, payload) => port.send(code, payload),
      [Symbol.asyncIterator]: () => ({ next }),
    },
  };
}
