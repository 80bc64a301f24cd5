/** The eth observer, and a peer of eth that a test drives message by message, joined in memory on a clock of the test. */
import type { Protocol } from '../../src/api/protocol.ts';
import {
  decodeEth,
  ETH_CODES,
  ETH_LENGTHS,
  type EthMessage,
  type EthVersion,
  encodeEth,
  ethTypeOf,
} from '../../src/io/wire/eth-message.ts';
import type { EthStatus } from '../../src/io/wire/eth-status.ts';
import { type Chain, forkIdAt } from '../../src/io/wire/fork-id.ts';
import { type EthOptions, eth } from '../../src/protocols/eth.ts';
import { pairedPeers } from '../../src/testing/protocol/paired-peers.ts';
import { StepClock } from './step-clock.ts';

export const CHAIN: Chain = {
  networkId: 1337,
  genesisHash: 'ab'.repeat(32),
  genesisTime: 0,
  blocks: [100],
  times: [1_000, 2_000],
};
export const HEAD = { block: 150, time: 1_500 };

export const HASH = (number: number): string => number.toString(16).padStart(64, '0');

/** What a peer of the same chain says, but for `changes`. */
export const statusOf = (version: EthVersion, changes: Partial<EthStatus> = {}): EthStatus => ({
  ...{ version: BigInt(version), networkId: 1337n, genesis: CHAIN.genesisHash },
  forkId: forkIdAt(CHAIN, HEAD),
  ...(version === 68
    ? { totalDifficulty: 5n, head: HASH(9) }
    : { earliest: 3n, latest: 9n, latestHash: HASH(9) }),
  ...(changes as object),
});

export function ethPair(version: EthVersion = 69, options: Partial<EthOptions> = {}) {
  const clock = new StepClock();
  const observer = eth({ chain: CHAIN, head: () => HEAD, versions: [version], ...options });
  const log: string[] = [];
  observer.on('accepted', () => log.push('accepted'));
  observer.on('confirmed', () => log.push('confirmed'));
  observer.on('ended', ({ ending }) => log.push(`ended ${ending.state}`));
  const read: EthMessage[] = [];
  let send: (code: number, payload: Uint8Array) => Promise<void> = async () => {};
  const theirs: Protocol = {
    ...{ name: 'eth', version, length: ETH_LENGTHS[version] },
    async run(_peer, port) {
      send = (code, payload) => port.send(code, payload);
      for await (const { code, payload } of port)
        read.push(decodeEth(version, ethTypeOf(version, code)!, payload));
    },
  };
  const [us, they] = pairedPeers(observer.protocols, [theirs], { clock });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 60; turn += 1) {
      await Promise.resolve();
      clock.advance(0);
    }
  };
  return {
    ...{ clock, observer, us, they, log, read, settle },
    /** The session, while there is one. */
    get session() {
      return observer.sessions.get(us.peer.id)!;
    },
    /** Sends messages, and waits until they are handled. */
    async say(...messages: readonly EthMessage[]): Promise<void> {
      await settle();
      for (const message of messages)
        await send(ETH_CODES[message.type], encodeEth(version, message));
      await settle();
    },
    async sayBytes(code: number, payload: Uint8Array): Promise<void> {
      await settle();
      await send(code, payload);
      await settle();
    },
    async advance(ms: number): Promise<void> {
      clock.advance(ms);
      await settle();
    },
    /** What they have read since the last call, their first message aside. */
    take: (): readonly EthMessage[] => read.splice(0),
    async end(): Promise<void> {
      they.peer.disconnect();
      await Promise.all([us.done, they.done]);
    },
  };
}
