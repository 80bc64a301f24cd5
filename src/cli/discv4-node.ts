/** Our end of Node Discovery v4, for commands that exchange packets with nodes directly, without a server. */
import { recordEntries } from '../io/crypto/local-record.ts';
import { generateNodeKey, type NodeKey } from '../io/crypto/node-key.ts';
import { type NodeRecord, signRecord } from '../io/crypto/node-record.ts';
import { defaultSet, primitivesOf } from '../io/crypto/primitive-sets.ts';
import type { BindDatagrams } from '../io/discovery/datagram-socket.ts';
import { Discv4 } from '../io/discovery/discv4.ts';
import type { Discv4Hooks } from '../io/discovery/discv4-options.ts';
import { udpBinder } from '../io/discovery/udp-socket.ts';
import type { Clock } from '../io/process/clock.ts';
import { thrownText } from '../io/process/thrown.ts';
import { unixTimeMs } from '../io/process/wall-time.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { isHostAddress } from '../io/wire/ip-address.ts';
import { printable } from '../io/wire/printable.ts';
import { CommandError } from './error.ts';
import type { Terminal } from './terminal.ts';

export type Discv4NodeOptions = {
  readonly address: Endpoint;
  /** Our key; a new one unless given. */
  readonly key?: NodeKey;
  readonly clock: Clock;
  /** A socket of the system by default. */
  readonly bind?: BindDatagrams;
  readonly hooks?: Omit<Discv4Hooks, 'onFault'>;
};

export type Discv4Node = {
  readonly discv4: Discv4;
  readonly key: NodeKey;
  readonly record: NodeRecord;
};

/** Names no nodes to others. @throws {CommandError} The address cannot be bound. */
export async function openDiscv4(
  {
    address,
    key = generateNodeKey(),
    clock,
    bind = udpBinder({ clock }),
    hooks,
  }: Discv4NodeOptions,
  { stderr }: Pick<Terminal, 'stderr'>,
): Promise<Discv4Node> {
  const { primitives } = primitivesOf(defaultSet());
  let record = recordAt(address, key); // with the real port once it is bound
  const say = (text: string): void => void stderr.write(`peerchart: ${printable(text)}\n`);
  const discv4 = await Discv4.bind(
    address,
    bind,
    {
      onLost: (message) => say(`the UDP socket is lost: ${message}`),
      onRestored: () => say('the UDP socket is back'),
    },
    {
      ...{ key, primitives, clock, unixTimeMs },
      record: () => record,
      isAllowed: () => true,
      closest: () => [],
      hooks: { ...hooks, onFault: (error) => say(`internal error: ${thrownText(error)}`) },
    },
  ).catch((error: Error) => {
    throw new CommandError(`the UDP address cannot be bound: ${error.message}`, { cause: error });
  });
  record = recordAt(discv4.local, key);
  return { discv4, key, record };
}

/** An address that stands for all of this machine is not claimed: others see the right one. */
export function recordAt({ host, port: udpPort }: Endpoint, key: NodeKey): NodeRecord {
  const claim = isHostAddress(host) ? ({ why: 'fallback', host, udpPort } as const) : null;
  const isIpv6 = host.includes(':');
  const claims = {
    ...{ ipv4: isIpv6 ? null : claim, ipv6: isIpv6 ? claim : null },
    ...{ tcpPort: 0, udpPort },
  };
  return signRecord({ seq: unixTimeMs(), entries: recordEntries(claims, new Map()) }, key);
}
