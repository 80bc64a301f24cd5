/** What came in, went out and was dropped on one discovery socket, counted since it was bound. */

export type PacketStats<Type extends string, Refusal extends string> = {
  readonly receivedDatagrams: number;
  readonly receivedBytes: number;
  /** Valid packets, by type; some of them are refused for lack of a proof or budget. */
  readonly received: Readonly<Record<Type, number>>;
  readonly sentBytes: number;
  readonly sent: Readonly<Record<Type, number>>;
  /** Datagrams that the socket dropped instead of sending them. */
  readonly unsent: number;
  /** Datagrams that led to nothing, by reason. Reasons that did not occur are absent. */
  readonly refused: Readonly<Partial<Record<Refusal, number>>>;
};

export class PacketCounts<Type extends string, Refusal extends string> {
  readonly #received: Record<Type, number>;
  readonly #sent: Record<Type, number>;
  readonly #refused: Partial<Record<Refusal, number>> = {};
  #receivedDatagrams = 0;
  #receivedBytes = 0;
  #sentBytes = 0;
  #unsent = 0;

  /** @param types Each type is a key. */
  constructor(types: Readonly<Record<Type, unknown>>) {
    const zeros = Object.fromEntries(Object.keys(types).map((type) => [type, 0])) as Record<
      Type,
      number
    >;
    this.#received = { ...zeros };
    this.#sent = { ...zeros };
  }

  received(bytes: number): void {
    this.#receivedDatagrams += 1;
    this.#receivedBytes += bytes;
  }

  accepted(type: Type): void {
    this.#received[type] += 1;
  }

  refused(reason: Refusal): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1;
  }

  sent(type: Type, bytes: number): void {
    this.#sent[type] += 1;
    this.#sentBytes += bytes;
  }

  unsent(): void {
    this.#unsent += 1;
  }

  /** A copy. */
  stats(): PacketStats<Type, Refusal> {
    return {
      receivedDatagrams: this.#receivedDatagrams,
      receivedBytes: this.#receivedBytes,
      received: { ...this.#received },
      sentBytes: this.#sentBytes,
      sent: { ...this.#sent },
      unsent: this.#unsent,
      refused: { ...this.#refused },
    };
  }
}
