/** A message router without a link: it gets frames, and its actions are recorded. */

import type { Frame } from '../../src/io/crypto/rlpx-frame.ts';
import type { PeerLinkEvent } from '../../src/io/link/link-events.ts';
import { MessageRouter } from '../../src/io/link/message-router.ts';
import type { PortPlace } from '../../src/io/link/protocol-port.ts';
import { READING_AFTER } from '../../src/io/link/rlpx-link.ts';
import { Traffic } from '../../src/io/link/traffic.ts';
import { compress } from '../../src/io/wire/snappy.ts';
import { newBudgets } from './budgets.ts';
import { StepClock } from './step-clock.ts';

const MAX_MESSAGE_BYTES = 16 * 1024 * 1024 - 1;

/** Three protocols with a hole behind the second: codes 0x10–0x17, 0x18–0x19 and 0x20–0x23. */
export const PLACES: readonly PortPlace[] = [
  { name: 'eth', version: 68, length: 8, offset: 0x10, maxMessageBytes: MAX_MESSAGE_BYTES },
  { name: 'les', version: 4, length: 2, offset: 0x18, maxMessageBytes: 100 },
  { name: 'snap', version: 1, length: 4, offset: 0x20, maxMessageBytes: MAX_MESSAGE_BYTES },
];

export function newRouter({
  compressed = false,
  places = PLACES,
  budget = newBudgets().received,
} = {}) {
  const clock = new StepClock();
  const reports: PeerLinkEvent[] = [];
  const replies: number[] = [];
  const sent: [number, number][] = [];
  const at = { pongs: 0, rooms: 0 };
  const router = new MessageRouter(places, compressed, {
    clock,
    report: (event) => reports.push(event),
    reply: (code) => replies.push(code),
    send: async (id, payload) => {
      sent.push([id, payload.length]);
      return payload.length;
    },
    traffic: new Traffic(),
    budget,
    onPong: () => {
      at.pongs += 1;
    },
    onResume: () => {
      at.rooms += 1;
    },
  });
  /** As the wire has it when `compressed`. */
  const packed = (payload: Uint8Array) => (compressed ? compress(payload) : payload);
  /** @returns Whether a link would read on: nothing is full, and nothing that ends a peer was reported. */
  const routeFrame = (one: Frame): boolean => {
    const reported = reports.length;
    router.route(one);
    const isEnded = reports.slice(reported).some(({ type }) => READING_AFTER[type] === 'stops');
    return !router.isReadingStopped && !isEnded;
  };
  return {
    router,
    clock,
    reports,
    replies,
    sent,
    at,
    routeFrame,
    route: (code: number, payload = Uint8Array.of(0xc0)) =>
      routeFrame(frame(code, packed(payload))),
    port: (name: string) => router.ports.find((port) => port.name === name)!,
  };
}

export function frame(code: number, payload: Uint8Array): Frame {
  return { code, payload, wireBytes: payload.length };
}
