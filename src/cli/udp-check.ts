/** Asks a node over UDP whether it is there, when TCP did not say it: a pong also proves that its key is the right one. */
import type { Node } from '../io/crypto/node.ts';
import { generateNodeKey } from '../io/crypto/node-key.ts';
import type { BindDatagrams } from '../io/discovery/datagram-socket.ts';
import { type Clock, systemClock } from '../io/process/clock.ts';
import { openDiscv4 } from './discv4-node.ts';
import { CommandError } from './error.ts';
import { pingRepeatedly } from './node-ping.ts';
import type { Terminal } from './terminal.ts';

/** Longest wait for their pong, in ms. Ours: a node that is there answers in one round trip, and the first ping may be lost. */
const UDP_CHECK_MS = 2_000;

/** `notAsked`: it has no IP address or no UDP port, or we have no socket. */
export type UdpAnswer = 'pong' | 'none' | 'notAsked';

export type UdpCheckParts = {
  readonly clock?: Clock;
  /** A socket of the system by default. */
  readonly datagrams?: BindDatagrams;
};

/** With discovery v4, and a key of its own: nothing connects it with our node. */
export async function askOverUdp(
  node: Node,
  { clock = systemClock, datagrams }: UdpCheckParts,
  terminal: Pick<Terminal, 'stderr' | 'signal'>,
): Promise<UdpAnswer> {
  const { hostKind, udpPort } = node;
  if ((hostKind !== 'ipv4' && hostKind !== 'ipv6') || udpPort === 0) return 'notAsked';
  const address = { host: hostKind === 'ipv6' ? '::' : '0.0.0.0', port: 0 };
  const options = { address, key: generateNodeKey(), clock, ...(datagrams && { bind: datagrams }) };
  const opened = await openDiscv4(options, terminal).catch((error: unknown) => {
    if (error instanceof CommandError) return null;
    throw error;
  });
  if (!opened) return 'notAsked';
  const limits = { clock, limitMs: UDP_CHECK_MS, signal: terminal.signal };
  const { result } = await pingRepeatedly(opened.discv4, node, limits);
  opened.discv4.close();
  if (result.type === 'refused') return 'notAsked';
  return result.type === 'pong' ? 'pong' : 'none';
}
