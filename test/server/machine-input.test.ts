import { expect, test } from 'vitest';
import { type EventObject, fromCallback } from 'xstate';

import { formatEnode } from '../../src/io/crypto/enode.ts';
import { createNodeKey } from '../../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { dialGenerator } from '../../src/machines/dialing/dial-generator.ts';
import type { DialTarget } from '../../src/machines/dialing/dial-task.ts';
import { checkOptions } from '../../src/server/config.ts';
import { machineInput } from '../../src/server/machine-input.ts';

const key = createNodeKey(new Uint8Array(32).fill(7));
const other = createNodeKey(new Uint8Array(32).fill(8));

test('the machine gets the limits, the static nodes and the trusted ids', () => {
  const url = formatEnode({
    publicKey: other.publicKey,
    id: other.id,
    host: 'node.invalid',
    hostKind: 'name',
    tcpPort: 30_303,
    udpPort: 30_303,
  });
  const config = checkOptions({
    nodeKey: key,
    listen: null,
    maxPeers: 10,
    maxPendingPeers: 4,
    staticNodes: [url],
    trustedNodes: [url],
    staticExempt: true,
    ports: { random: () => Uint8Array.of(1, 2, 3, 4) },
  });
  expect(machineInput(config)).toEqual({
    rules: {
      self: key.id,
      maxPeers: 10,
      maxInbound: 7,
      maxPerSubnet: 3,
      isStaticExempt: true,
      capabilities: [],
    },
    localNode: {
      externalHosts: { ipv4: null, ipv6: null },
      fallbackHosts: { ipv4: '127.0.0.1', ipv6: null },
    },
    listen: null,
    slots: 4,
    discovery: null,
    discoveryV5: null,
    portMapping: null,
    dial: {
      rules: {
        self: key.id,
        maxDialed: 3,
        maxActive: 4,
        isStaticExempt: true,
        canResolve: false,
        backsOff: true,
        churns: false,
        maxInbound: config.maxInbound,
        isInNetRestrict: config.netRestrict,
        isCandidateHost: config.isCandidateHost,
      },
      generator: dialGenerator,
      bootnodes: [],
      hasCandidates: false,
      seed: 0x01020304,
      trusted: [other.id],
      statics: [
        {
          id: other.id,
          publicKey: publicKeyHex(other.publicKey),
          host: 'node.invalid',
          hostKind: 'name',
          tcpPort: 30_303,
        },
      ],
    },
    trusted: [other.id],
  });
});

test('a table of discovery begins with the bootnodes that have an address', () => {
  const at = (host: string, hostKind: 'ipv4' | 'name') =>
    formatEnode({ ...other, host, hostKind, tcpPort: 30_303, udpPort: 30_303 });
  const config = checkOptions({
    nodeKey: key,
    discovery: 'v4',
    bootnodes: [at('192.0.2.7', 'ipv4'), at('boot.example', 'name')],
    ports: { random: () => Uint8Array.of(1, 2, 3, 4) },
  });
  const { discovery } = machineInput(config);
  expect(discovery).toMatchObject({
    rules: { selfId: key.id, isInNetRestrict: config.netRestrict },
    publicKey: publicKeyHex(key.publicKey),
    bootnodes: [{ id: other.id, host: '192.0.2.7' }],
    seed: 0x01020304,
  });
  expect(discovery?.bootnodes).toHaveLength(1);
});

test('a server with noDial has no dial slot, even when static nodes are exempt', () => {
  const config = checkOptions({ nodeKey: key, noDial: true, staticExempt: true });
  expect(machineInput(config).dial.rules).toMatchObject({ maxDialed: 0, maxActive: 0 });
});

test('the machine gets bootnodes, whether there are candidates and whether nodes can be resolved', () => {
  const url = formatEnode({
    publicKey: other.publicKey,
    id: other.id,
    host: '192.0.2.7',
    hostKind: 'ipv4',
    tcpPort: 30_303,
    udpPort: 30_303,
  });
  const config = checkOptions({
    nodeKey: key,
    bootnodes: [url],
    candidates: (async function* () {})(),
    ports: { nodeResolver: fromCallback<EventObject, DialTarget>(() => {}) },
  });
  expect(machineInput(config).dial).toMatchObject({
    bootnodes: [{ id: other.id }],
    hasCandidates: true,
    rules: { canResolve: true },
  });
});

test('the port mapper is told by which option it is wanted', () => {
  const config = checkOptions({ nodeKey: key, nat: 'pmp:192.168.1.1' });
  expect(machineInput(config).portMapping).toEqual({ mechanism: 'pmp:192.168.1.1' });
});
