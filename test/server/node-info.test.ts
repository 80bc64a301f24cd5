/** The shapes that go-ethereum's `admin_nodeInfo` and `admin_peers` have. */
import { describe, expect, test } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import type { Peer } from '../../src/api/peer.ts';
import type { Protocol } from '../../src/api/protocol.ts';
import { parseEnode } from '../../src/io/crypto/enode.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { recordValue, signRecord } from '../../src/io/crypto/node-record.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { formatRecord } from '../../src/io/wire/enr.ts';
import { bytesOfHost } from '../../src/io/wire/ip-address.ts';
import { checkOptions } from '../../src/server/config.ts';
import { nodeInfoOf, peerInfoOf, selfOf } from '../../src/server/node-info.ts';

const key = generateNodeKey();
const hex = publicKeyHex(key.publicKey);
const eth: Protocol = { name: 'eth', version: 69, length: 18, run: async () => {} };

const faults: string[] = [];
const onFault = (error: unknown, where: string) => void faults.push(`${where}: ${error}`);
const oops = (): never => {
  throw new Error('oops');
};

/** Before the start. */
const NOWHERE = { address: null, record: null };

describe('what our record claims', () => {
  const recordAt = (host: string) =>
    signRecord({ seq: 1, entries: new Map([['ip', recordValue(bytesOfHost(host))]]) }, key);
  const config = checkOptions({ nodeKey: key });

  test('is where others are told to connect to', () => {
    const address = { host: '0.0.0.0', port: 5 };
    const record = recordAt('198.51.100.4');
    const self = selfOf(config, { address, record });
    expect(self).toMatchObject({
      enode: `enode://${hex}@198.51.100.4:5`,
      enr: formatRecord(record.bytes),
    });
    expect(nodeInfoOf(config, { address, record }, onFault)).toMatchObject({
      enode: self.enode,
      enr: self.enr,
      ip: '198.51.100.4',
    });
  });

  test('says where datagrams arrive, when it is another port', () => {
    const address = { host: '192.0.2.1', port: 5 };
    const place = { address, record: null, datagrams: { host: '192.0.2.1', port: 6 } };
    expect(nodeInfoOf(config, place, onFault)).toMatchObject({
      enode: `enode://${hex}@192.0.2.1:5?discport=6`,
      ports: { listener: 5, discovery: 6 },
    });
  });

  test('does not hide the address we listen at, when it is only the loopback address', () => {
    const address = { host: 'fe80::1%eth0', port: 5 };
    expect(selfOf(config, { address, record: recordAt('127.0.0.1') }).enode).toBe(
      `enode://${hex}@[fe80::1]:5`,
    );
  });
});

describe('nodeInfo', () => {
  const of = (options: Partial<ServerOptions>, address = { host: '192.0.2.1', port: 30_303 }) =>
    nodeInfoOf(checkOptions({ nodeKey: key, ...options }), { address, record: null }, onFault);

  test('has the order and shape of go-ethereum, and is JSON', () => {
    const info = of({ name: 'me', protocols: [{ ...eth, nodeInfo: () => ({ network: 1 }) }] });
    expect(JSON.stringify(info)).toBe(
      JSON.stringify({
        id: key.id,
        name: 'me',
        enode: `enode://${hex}@192.0.2.1:30303`,
        enr: null,
        ip: '192.0.2.1',
        ports: { discovery: 0, listener: 30_303 },
        listenAddr: '192.0.2.1:30303',
        protocols: { eth: { network: 1 } },
      }),
    );
  });

  test('listening on all addresses names the loopback address', () => {
    expect(of({}, { host: '::', port: 1 })).toMatchObject({
      ip: '127.0.0.1',
      listenAddr: '[::]:1',
    });
  });

  test('is an enode that can be read back, also with the zone of a link-local address', () => {
    const info = of({}, { host: 'fe80::1%eth0', port: 1 });
    expect(info).toMatchObject({ ip: 'fe80::1', listenAddr: '[fe80::1%eth0]:1' });
    expect(parseEnode(info.enode)).toMatchObject({ host: 'fe80::1', tcpPort: 1, id: key.id });
  });

  test('has the configured address before the start, and none without a listener', () => {
    const listen = { host: '192.0.2.1', port: 9 };
    const dormant = nodeInfoOf(checkOptions({ nodeKey: key, listen }), NOWHERE, onFault);
    expect(dormant).toMatchObject({
      enode: `enode://${hex}@127.0.0.1:0`,
      ports: { discovery: 0, listener: 0 },
      listenAddr: '192.0.2.1:9',
    });
    const deaf = nodeInfoOf(checkOptions({ nodeKey: key, listen: null }), NOWHERE, onFault);
    expect(deaf.listenAddr).toBe('');
  });

  test('asks the first protocol given of each name, even when it throws', () => {
    const { protocols } = of({
      protocols: [
        { ...eth, nodeInfo: () => 'first' },
        { ...eth, version: 68, nodeInfo: () => 'second' },
        { ...eth, name: 'mute' },
        { ...eth, name: 'empty', nodeInfo: () => undefined },
        { ...eth, name: 'bad', nodeInfo: oops },
      ],
    });
    expect(protocols).toEqual({ eth: 'first', mute: 'unknown', empty: null, bad: 'error' });
    expect(faults.splice(0)).toEqual(['nodeInfo of bad/69: Error: oops']);
  });

  test('E19: a promise as information is an error, whatever becomes of it', async () => {
    const protocols = ['one', 'two'].map((name) => ({
      ...eth,
      name,
      nodeInfo: async () => (name === 'one' ? Promise.reject(new Error('oops')) : {}),
    }));
    expect(of({ protocols }).protocols).toEqual({ one: 'error', two: 'error' });
    expect(faults.splice(0)).toEqual([
      'nodeInfo of one/69: TypeError: expected a value, got a promise',
      'nodeInfo of two/69: TypeError: expected a value, got a promise',
    ]);
  });
});

describe('peerInfo', () => {
  const peer: Peer = {
    id: key.id,
    publicKey: hex,
    client: 'Geth/v1.15.0',
    capabilities: [
      { name: 'eth', version: 68 },
      { name: 'eth', version: 69 },
    ],
    protocols: ['eth/69'],
    direction: 'inbound',
    trusted: true,
    remote: { host: '2001:db8::1', port: 50_000 },
    local: { host: '192.0.2.2', port: 30_303 },
    disconnect: () => {},
  };
  const record = signRecord({ seq: 1, entries: new Map() }, key);
  const of = (protocol: Partial<Protocol>, other: Partial<Peer> = {}) =>
    peerInfoOf(
      { ...peer, ...other },
      { offered: [{ ...eth, ...protocol }], records: new Map([[key.id, record]]), onFault },
    );

  test('has the order and shape of go-ethereum, and is JSON', () => {
    const info = of({ peerInfo: ({ id }) => ({ knows: id === key.id }) });
    expect(JSON.stringify(info)).toBe(
      JSON.stringify({
        enode: `enode://${hex}@[2001:db8::1]:50000`,
        id: key.id,
        name: 'Geth/v1.15.0',
        caps: ['eth/68', 'eth/69'],
        network: {
          localAddress: '192.0.2.2:30303',
          remoteAddress: '[2001:db8::1]:50000',
          inbound: true,
          trusted: true,
          static: false,
        },
        protocols: { eth: { knows: true } },
      }),
    );
  });

  test('has an enode that can be read back, also for a peer at a link-local address', () => {
    const info = of({}, { remote: { host: 'fe80::1%eth0', port: 5 } });
    expect(parseEnode(info.enode)).toMatchObject({ host: 'fe80::1', tcpPort: 5, id: key.id });
    expect(info.network.remoteAddress).toBe('[fe80::1%eth0]:5');
  });

  test('has the record of a peer that we dialled, and none of one that dialled us', () => {
    expect(of({}, { direction: 'dynamic' }).enr).toBe(formatRecord(record.bytes));
    expect(of({}, { direction: 'static', id: 'another' })).not.toHaveProperty('enr');
    expect(of({})).not.toHaveProperty('enr');
  });

  test('shows a static peer, and a peer that offers nothing', () => {
    const { network, caps } = of({}, { direction: 'static', trusted: false, capabilities: [] });
    expect(network).toMatchObject({ inbound: false, trusted: false, static: true });
    expect(caps).toBeNull();
    expect(of({}, { direction: 'dynamic' }).network).toMatchObject({
      inbound: false,
      static: false,
    });
  });

  test.for<[string, Partial<Protocol>, unknown]>([
    ['what the protocol tells', { peerInfo: () => 7 }, 7],
    ['that they are still introducing themselves', { peerInfo: () => undefined }, 'handshake'],
    ['the same for null', { peerInfo: () => null }, 'handshake'],
    ['that it never tells', {}, 'unknown'],
  ])('has for each running protocol %s', ([, protocol, info]) => {
    expect(of(protocol).protocols).toEqual({ eth: info });
  });

  test('shows `error` for a protocol that throws', () => {
    expect(of({ peerInfo: oops }).protocols).toEqual({ eth: 'error' });
    expect(faults.splice(0)).toEqual(['peerInfo of eth/69: Error: oops']);
  });

  test('asks only the version that runs with the peer', () => {
    expect(of({ version: 68, peerInfo: oops }).protocols).toEqual({});
  });
});

test('self contains the listening address, and what does the cryptography', () => {
  const address = { host: '192.0.2.1', port: 5 };
  const { primitivesInUse } = checkOptions({ nodeKey: key, primitives: 'portable' });
  expect(selfOf({ key, primitivesInUse }, { address, record: null })).toEqual({
    id: key.id,
    enode: `enode://${hex}@192.0.2.1:5`,
    enr: null,
    address,
    primitives: { set: 'portable', curve: 'noble', keccak: 'javascript', missing: [] },
  });
});
