/** Protocols that a command only offers: they are in our Hello, every message is read, and none is sent. */
import type { Protocol } from '../api/protocol.ts';
import type { Capability } from '../io/wire/hello.ts';
import { labelOf } from '../machines/connection/capability-match.ts';

/** `length` is the number of its message codes; when absent, it is looked up. */
export type Offer = Capability & { readonly length?: number };

/**
 * Message codes by version. Both sides add them up to find where the next protocol begins, so they must be exact.
 * Sources: go-ethereum eth/protocols/eth/protocol.go of 1.17, of 1.15 for 68, eth/protocol.go of 1.9 for 63 to 65,
 * eth/protocols/snap/protocol.go; les/protocol.go of 1.10.
 */
const CODES: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  echo: { 1: 2 },
  eth: { 63: 17, 64: 17, 65: 17, 66: 17, 67: 17, 68: 17, 69: 18, 70: 18, 71: 20, 72: 22 },
  les: { 2: 22, 3: 24, 4: 24 },
  snap: { 1: 8, 2: 10 },
};

/** Codes of a protocol that is not in the table. Ours; more than any known one has, so that no message is out of range. */
const MANY_CODES = 64;

/** What Ethereum nodes speak today: go-ethereum 69 to 72, others 68 too. */
export const DEFAULT_OFFER: readonly Offer[] = [68, 69, 70, 71, 72].map((version) => ({
  name: 'eth',
  version,
}));

/** Such as `eth/68 eth/69`. */
export const offerText = (offer: readonly Offer[]): string => offer.map(labelOf).join(' ');

/** @param onMessage Called for each message that is received. */
export const offeredProtocol = (
  { name, version, length = codesOf(name, version) }: Offer,
  onMessage: () => void = () => {},
): Protocol => ({
  name,
  version,
  length,
  async run(_, port) {
    for await (const _message of port) onMessage();
  },
});

const codesOf = (name: string, version: number): number =>
  (Object.hasOwn(CODES, name) ? CODES[name]?.[version] : undefined) ?? MANY_CODES;
