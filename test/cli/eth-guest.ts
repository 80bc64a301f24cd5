/** A hand-driven node with eth/69. */
import { DISCONNECT } from '../../src/io/wire/base-message.ts';
import { type DisconnectReason, encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import { type EthStatus, encodeStatus } from '../../src/io/wire/eth-status.ts';
import { type Chain, forkIdAt, headAtTime } from '../../src/io/wire/fork-id.ts';
import { helloOf } from '../support/raw-peer-in-world.ts';
import { type Cause, guest, NOW_MS } from './asking-why.ts';

/** Message ids of eth begin here. */
const ETH_OFFSET = 16;

/** Sends these, 100 ms apart, and hangs up after a Disconnect. */
export const ethGuest = (
  ...messages: readonly (readonly [code: number, payload: Uint8Array] | DisconnectReason)[]
): Cause =>
  guest(async (them, world) => {
    them.sendHello(helloOf(2, { capabilities: [{ name: 'eth', version: 69 }] }));
    for (const message of messages) {
      await world.settle();
      await world.advance(100);
      if (typeof message === 'string') them.sendCompressed(DISCONNECT, encodeDisconnect(message));
      else them.sendCompressed(ETH_OFFSET + message[0], message[1]);
    }
    if (typeof messages.at(-1) === 'string') them.stream.duplex.end();
  });

/** What a node without blocks says. */
export function statusOn(
  chain: Chain,
  more: Partial<EthStatus> = {},
): readonly [number, Uint8Array] {
  const { networkId, genesisHash } = chain;
  const status = {
    ...{ version: 69n, networkId: BigInt(networkId), genesis: genesisHash },
    ...{ forkId: forkIdAt(chain, headAtTime(chain, NOW_MS / 1_000)) },
    ...{ earliest: 0n, latest: 0n, latestHash: genesisHash, ...more },
  };
  return [0, encodeStatus(status as EthStatus)];
}
