/** An SNTP server on loopback. */
import { type UdpServer, udpServer } from './udp-server.ts';

/** From 1900 to 1970, in s. */
const EPOCH_S = 2_208_988_800;

/** @param change Changes each answer before it is sent. */
export const fakeTimeServer = (
  unixTimeMs: () => number,
  change: (answer: Uint8Array) => readonly Uint8Array[] = (answer) => [answer],
): Promise<UdpServer> =>
  udpServer((request) => {
    const answer = new Uint8Array(48);
    answer.set([0x24, 2]); // version 4, from a server; stratum 2
    answer.set(request.subarray(40, 48), 24);
    const ms = unixTimeMs();
    const view = new DataView(answer.buffer);
    view.setUint32(40, (Math.floor(ms / 1_000) + EPOCH_S) % 2 ** 32);
    view.setUint32(44, ((ms % 1_000) / 1_000) * 2 ** 32);
    return change(answer);
  });
