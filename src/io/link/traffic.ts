/**
 * Counts the bytes and messages of the links of one server: plain numbers, read on demand.
 * A message costs a look-up and two additions.
 */

/** Name and version of one of our protocols. */
export type ProtocolLabel = { readonly name: string; readonly version: number };

export type Tally = { messages: number; bytes: number };

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
    const traffic = { name, version, ingress: new MessageTallies(), egress: new MessageTallies() };
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
};

export class MessageTallies {
  /** At most one entry per code of the protocol: other messages are rejected before. */
  readonly #byCode = new Map<number, Tally>();

  /** @param bytes Payload on the wire: compressed, without frame and message id, as go-ethereum counts. */
  add(code: number, bytes: number): void {
    const tally = this.#byCode.get(code);
    if (!tally) {
      this.#byCode.set(code, { messages: 1, bytes });
      return;
    }
    tally.messages += 1;
    tally.bytes += bytes;
  }

  /** By the protocol's own codes, in order of first use. */
  [Symbol.iterator](): IterableIterator<readonly [code: number, tally: Readonly<Tally>]> {
    return this.#byCode.entries();
  }
}
