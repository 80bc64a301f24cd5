/** One question and its answer over UDP: sent again until it is answered, within a time limit. */
import type { Datagram, DatagramSocket } from '../discovery/datagram-socket.ts';
import { thrownText } from '../process/thrown.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import type { NatSurroundings } from './gateway.ts';

export type Exchange<Answer> = {
  readonly bytes: Uint8Array;
  readonly to: Endpoint;
  /** When it is sent again, in ms after the first time. */
  readonly resendAtMs: readonly number[];
  readonly limitMs: number;
  /** Null: this is not the answer. Datagrams of others than `to` do not get here. */
  readonly read: (bytes: Uint8Array) => Answer | null;
};

/** Rejects after the limit, when `signal` is aborted, and when the socket cannot be bound. */
export function exchange<Answer>(
  { bytes, to, resendAtMs, limitMs, read }: Exchange<Answer>,
  { clock, bind }: Pick<NatSurroundings, 'clock' | 'bind'>,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let socket: DatagramSocket | null = null;
    let isOver = false;
    const end = (): boolean => {
      if (isOver) return false;
      isOver = true;
      for (const timer of timers) clock.clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket?.close();
      return true;
    };
    const fail = (message: string): void => {
      if (end()) reject(new Error(message));
    };
    const onAbort = (): void => fail('cancelled');
    const onDatagram = (datagram: Datagram): void => {
      if (datagram.from.host !== to.host || datagram.from.port !== to.port) return;
      const answer = read(datagram.bytes);
      if (answer !== null && end()) resolve(answer);
    };
    const timers = [
      clock.setTimeout(() => fail(`no answer within ${limitMs / 1_000} s`), limitMs),
      ...resendAtMs.map((ms) => clock.setTimeout(() => socket?.send(bytes, to), ms)),
    ];
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort);
    const any = to.host.includes(':') ? '::' : '0.0.0.0';
    const onLost = (message: string): void => fail(message);
    bind({ host: any, port: 0 }, { onDatagram, onLost, onRestored: () => {} }).then(
      (bound) => {
        if (isOver) return bound.close();
        socket = bound;
        bound.send(bytes, to);
      },
      (error: unknown) => fail(thrownText(error)),
    );
  });
}
