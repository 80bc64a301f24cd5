/**
 * What the links of one server have moved: plain numbers that are read when somebody asks.
 * A message costs a look-up and two additions. Shared by all links of a server.
 */

/** A protocol of ours. */
export type ProtocolLabel = { readonly name: string; readonly version: number };

export type Tally = { messages: number; bytes: number };

export class Traffic {
  /** Bytes of the streams themselves, handshakes and frames included. */
  readonly stream: StreamTraffic;
  /** One for each protocol of ours that was ever shared, by `name/version`. */
  readonly protocols: Map<string, ProtocolTraffic>;

  /** @param whole Of what this is a part: its stream counts there as well, its messages only there. */
  constructor(whole?: Traffic) {
    this.stream = whole ? new LinkStreamTraffic(whole.stream) : { ingress: 0, egress: 0 };
    this.protocols = whole ? whole.protocols : new Map();
  }

  /** Where the messages of this protocol are counted, the same for every link. */
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

/** One stream among others: whatever is added to it is added to all of them together. */
class LinkStreamTraffic implements StreamTraffic {
  readonly #total: StreamTraffic;
  #ingress = 0;
  #egress = 0;

  constructor(whole: StreamTraffic) {
    this.#total = whole;
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
  /** At most as many as the protocol has codes: messages outside of it never get here. */
  readonly #byCode = new Map<number, Tally>();

  /** @param bytes Of the payload as it is on the wire: compressed, without frame and message id, as go-ethereum counts. */
  add(code: number, bytes: number): void {
    const tally = this.#byCode.get(code);
    if (!tally) {
      this.#byCode.set(code, { messages: 1, bytes });
      return;
    }
    tally.messages += 1;
    tally.bytes += bytes;
  }

  /** By the protocol's own codes, in the order in which they first came. */
  [Symbol.iterator](): IterableIterator<readonly [code: number, tally: Readonly<Tally>]> {
    return this.#byCode.entries();
  }
}
