/** What the mechanisms of NAT need: real loopback sockets, and a clock whose time limits pass when the test says so. */
import { udpBinder } from '../../src/io/discovery/udp-socket.ts';
import type { NatSurroundings } from '../../src/io/nat/gateway.ts';
import { REQUEST_PAUSE_MS } from '../../src/io/nat/upnp-service.ts';
import type { Clock } from '../../src/io/process/clock.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { StepClock } from './step-clock.ts';

export type LimitClock = Clock &
  Pick<StepClock, 'advance' | 'pending'> & { readonly pauses: number };

/** The pause between two requests to a router takes one turn; longer times pass by `advance`. */
export function limitClock(): LimitClock {
  const limits = new StepClock();
  let pauses = 0;
  return {
    now: limits.now,
    setTimeout: (run, ms) => {
      if (ms > REQUEST_PAUSE_MS) return limits.setTimeout(run, ms);
      pauses += 1;
      return setImmediate(run);
    },
    clearTimeout: (timer) => {
      if (typeof timer === 'number') limits.clearTimeout(timer);
      else clearImmediate(timer as NodeJS.Immediate);
    },
    advance: (ms) => limits.advance(ms),
    get pending() {
      return limits.pending;
    },
    get pauses() {
      return pauses;
    },
  };
}

export function natSurroundings() {
  const clock = limitClock();
  let next = 0;
  const surroundings: NatSurroundings = {
    clock,
    bind: udpBinder({ clock: systemClock }),
    random: (bytes) =>
      Uint8Array.from({ length: bytes }, () => {
        next += 1;
        return next;
      }),
  };
  return { clock, surroundings };
}

/** Nothing is cancelled by it. */
export const NEVER = new AbortController().signal;
