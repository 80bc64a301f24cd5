/** A STUN server on loopback that says it sees everyone at the address of the test. */
import { bytesOfHost } from '../../src/io/wire/ip-address.ts';
import { type UdpServer, udpServer } from './udp-server.ts';

/** @param change Changes each answer before it is sent. */
export const fakeStun = (
  seenAt: () => string,
  change: (answer: Uint8Array) => readonly Uint8Array[] = (answer) => [answer],
): Promise<UdpServer> => udpServer((request) => change(stunResponse(request, seenAt())));

/** The answer to a binding request, with an attribute that is not known before the address. */
export function stunResponse(request: Uint8Array, host: string, port = 30_303): Uint8Array {
  const address = bytesOfHost(host);
  const software = [0x80, 0x22, 0, 3, 0x78, 0x79, 0x7a, 0];
  const response = Uint8Array.from([
    ...[1, 1, 0, software.length + 8 + address.length],
    ...request.subarray(4, 20),
    ...software,
    ...[0, 0x20, 0, 4 + address.length, 0, address.length === 4 ? 1 : 2],
    ...[(port >> 8) ^ 0x21, (port & 255) ^ 0x12],
    ...address.map((byte, index) => byte ^ request[4 + index]!),
  ]);
  return response;
}
