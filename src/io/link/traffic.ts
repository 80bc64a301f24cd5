/**
 * Counts the bytes and messages of the links of one server: plain numbers, read on demand.
 * A message costs a look-up and two additions.
 */

/** Name and version of one of our protocols. */
export type ProtocolLabel = { readonly name: string; readonly version: number };

export type Tally = { messages: number; bytes: number };

/**
 * Codes with a counter of their own, from 0; all others of a protocol share one, so that a peer cannot make a metric of
 * each of 65,535 codes. Ours: eth uses 18.
 */
export const MAX_COUNTED_CODES = 256;

export type CountedCode = number | 'other';

const countedAs = (code: number): CountedCode => (code < MAX_COUNTED_CODES ? code : 'other');

/** Upper bounds by which times of handlers are counted, in ms. Ours; the last one is the limit for a handler that takes nothing. */
const HANDLER_BOUNDS_MS = [0.1, 0.5, 1, 5, 10, 50, 100, 500, 1_000, 5_000, 20_000] as const;

export class Traffic {
  /** Bytes of the streams, handshakes and frames included. */
  readonly stream: StreamTraffic;
  /** One entry for each of our protocols that was ever shared, by `name/version`. */
  readonly protocols: Map<string, ProtocolTraffic>;

  /** @param total Adds up several links: stream bytes count in both, messages only in `total`. */
  constructor(total?: Traffic) {
    this.stream = total ? new LinkStreamTraffic(total.stream) : { ingress: 0, egress: 0 };
    this.protocols = total ? total.protocols : new Map();
  }

  /** The counters of this protocol, shared by all links. */
  of({ name, version }: ProtocolLabel): ProtocolTraffic {
    const label = `${name}/${version}`;
    const known = this.protocols.get(label);
    if (known) return known;
    const traffic = {
      ...{ name, version, ingress: new MessageTallies(), egress: new MessageTallies() },
      handled: new HandlerTimes(),
      requests: new RequestTallies(),
    };
    this.protocols.set(label, traffic);
    return traffic;
  }
}

export type StreamTraffic = { ingress: number; egress: number };

/** Bytes of one stream; every addition is also made to the total. */
class LinkStreamTraffic implements StreamTraffic {
  readonly #total: StreamTraffic;
  #ingress = 0;
  #egress = 0;

  constructor(total: StreamTraffic) {
    this.#total = total;
  }

  get ingress(): number {
    return this.#ingress;
  }

  set ingress(bytes: number) {
    this.#total.ingress += bytes - this.#ingress;
    this.#ingress = bytes;
  }

  get egress(): number {
    return this.#egress;
  }

  set egress(bytes: number) {
    this.#total.egress += bytes - this.#egress;
    this.#egress = bytes;
  }
}

export type ProtocolTraffic = {
  readonly name: string;
  readonly version: number;
  readonly ingress: MessageTallies;
  readonly egress: MessageTallies;
  /** How long handlers took for the messages that they received. */
  readonly handled: HandlerTimes;
  /** Requests of handlers to peers. */
  readonly requests: RequestTallies;
};

export class MessageTallies {
  /** At most MAX_COUNTED_CODES + 1. */
  readonly #byCode = new Map<CountedCode, Tally>();

  /** @param bytes Payload on the wire: compressed, without frame and message id, as go-ethereum counts. */
  add(code: number, bytes: number): void {
    const counted = countedAs(code);
    const tally = this.#byCode.get(counted);
    if (!tally) {
      this.#byCode.set(counted, { messages: 1, bytes });
      return;
    }
    tally.messages += 1;
    tally.bytes += bytes;
  }

  /** By the protocol's own codes, in order of first use. */
  [Symbol.iterator](): IterableIterator<readonly [code: CountedCode, tally: Readonly<Tally>]> {
    return this.#byCode.entries();
  }
}

export type HandlerTime = {
  count: number;
  sumMs: number;
  /** Each time is counted at the lowest bound that it does not exceed; one that exceeds all is in `count` only. */
  readonly perBound: readonly { readonly boundMs: number; times: number }[];
};

/** How long handlers took, by message code. */
export class HandlerTimes {
  /** At most MAX_COUNTED_CODES + 1. */
  readonly #byCode = new Map<CountedCode, HandlerTime>();

  add(code: number, ms: number): void {
    const time = this.#of(countedAs(code));
    time.count += 1;
    time.sumMs += ms;
    const bound = time.perBound.find(({ boundMs }) => ms <= boundMs);
    if (bound) bound.times += 1;
  }

  /** By the protocol's own codes, in order of first use. */
  [Symbol.iterator](): IterableIterator<readonly [code: CountedCode, time: Readonly<HandlerTime>]> {
    return this.#byCode.entries();
  }

  #of(code: CountedCode): HandlerTime {
    const known = this.#byCode.get(code);
    if (known) return known;
    const time = {
      count: 0,
      sumMs: 0,
      perBound: HANDLER_BOUNDS_MS.map((boundMs) => ({ boundMs, times: 0 })),
    };
    this.#byCode.set(code, time);
    return time;
  }
}

/** What became of requests of ours, by message code: `stale` by that of the answer. */
export class RequestTallies {
  /** Each at most MAX_COUNTED_CODES + 1. */
  readonly pending = new Map<CountedCode, number>();
  readonly losses = new Map<CountedCode, number>();
  readonly staleAnswers = new Map<CountedCode, number>();
  readonly waits = new HandlerTimes();

  tracked(code: number, change: 1 | -1): void {
    increase(this.pending, code, change);
  }

  fulfilled(code: number, waitMs: number): void {
    this.waits.add(code, waitMs);
  }

  lost(code: number): void {
    increase(this.losses, code, 1);
  }

  stale(answerCode: number): void {
    increase(this.staleAnswers, answerCode, 1);
  }
}

function increase(counts: Map<CountedCode, number>, code: number, by: number): void {
  const counted = countedAs(code);
  counts.set(counted, (counts.get(counted) ?? 0) + by);
}
