/** What came in, went out and was dropped on one discovery socket, counted since it was bound. */
import { DISCV4_TYPES, type Discv4Message } from '../wire/discv4-message.ts';
import type { PacketRefusal } from './packet-check.ts';

type ByType = Readonly<Record<Discv4Message['type'], number>>;

export type PacketStats = {
  readonly receivedDatagrams: number;
  readonly receivedBytes: number;
  /** Valid packets, by type; some of them are refused for lack of an endpoint proof or budget. */
  readonly received: ByType;
  readonly sentBytes: number;
  readonly sent: ByType;
  /** Datagrams that the socket dropped instead of sending them. */
  readonly unsent: number;
  /** Datagrams that led to nothing, by reason. Reasons that did not occur are absent. */
  readonly refused: Readonly<Partial<Record<PacketRefusal, number>>>;
};

export class PacketCounts {
  readonly #received = zeros();
  readonly #sent = zeros();
  readonly #refused: Partial<Record<PacketRefusal, number>> = {};
  #receivedDatagrams = 0;
  #receivedBytes = 0;
  #sentBytes = 0;
  #unsent = 0;

  received(bytes: number): void {
    this.#receivedDatagrams += 1;
    this.#receivedBytes += bytes;
  }

  accepted(type: Discv4Message['type']): void {
    this.#received[type] += 1;
  }

  refused(reason: PacketRefusal): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1;
  }

  sent(type: Discv4Message['type'], bytes: number): void {
    this.#sent[type] += 1;
    this.#sentBytes += bytes;
  }

  unsent(): void {
    this.#unsent += 1;
  }

  /** A copy. */
  stats(): PacketStats {
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

const zeros = (): Record<Discv4Message['type'], number> => ({
  ...(Object.fromEntries(Object.keys(DISCV4_TYPES).map((type) => [type, 0])) as ByType),
});
