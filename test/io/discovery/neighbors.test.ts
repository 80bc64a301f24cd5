import { expect, test } from 'vitest';

import { MAX_PACKET_BYTES, sealPacket } from '../../../src/io/crypto/discv4-packet.ts';
import { publicKeyHex } from '../../../src/io/crypto/public-key.ts';
import { NeighborsAnswer, packetsOf } from '../../../src/io/discovery/neighbors.ts';
import { chosenPrimitives } from '../../support/crypto.ts';
import { keyOf, nodeOf } from '../../support/discv4-net.ts';

const nodes = Array.from({ length: 20 }, (_, index) =>
  nodeOf(keyOf(100 + index), {
    host: `2a00:1111:2222:3333:4444:5555:6666:${(4096 + index).toString(16)}`,
    port: 65_535,
  }),
);
const requester = { id: 'ab'.repeat(32), host: '2a00::1' };

test('the longest addresses fit into packets of 1280 bytes', () => {
  const packets = packetsOf(nodes, requester, '');
  const sizes = packets.map((said) => {
    const message = { type: 'neighbors', nodes: said, expiration: 1_800_000_000 } as const;
    return sealPacket(message, keyOf(1), chosenPrimitives).datagram.length;
  });
  expect(packets.map(({ length }) => length)).toEqual([12, 4]);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_PACKET_BYTES);
});

test('twelve nodes are one packet, and none are one too', () => {
  expect(packetsOf(nodes.slice(0, 12), requester, '').map(({ length }) => length)).toEqual([12]);
  expect(packetsOf([], requester, '')).toEqual([[]]);
});

test('a packet that comes twice counts its nodes once', () => {
  const answer = new NeighborsAnswer({
    ...{ ownId: '', from: '2a00::1', isAllowed: () => true, primitives: chosenPrimitives },
  });
  const said = nodes.slice(0, 12).map(({ host, udpPort, tcpPort, publicKey }) => ({
    ...{ host, udpPort, tcpPort, publicKey: publicKeyHex(publicKey) },
  }));
  expect([answer.add(said), answer.add(said)]).toEqual([false, false]);
  expect([answer.nodes, answer.packets]).toEqual([nodes.slice(0, 12), 2]);
});
