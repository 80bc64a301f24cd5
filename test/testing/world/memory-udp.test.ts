import { describe, expect, test } from 'vitest';

import type { Host, LinkSettings } from '../../../src/testing/world/internet.ts';
import {
  MAX_DATAGRAM_BYTES,
  MemoryUdp,
  type UdpHooks,
} from '../../../src/testing/world/memory-udp.ts';
import { Nat, type NatShape } from '../../../src/testing/world/nat.ts';
import { A, B, C, smallInternet } from '../../support/small-internet.ts';

const AT_B = { host: B.address, port: 2 };

function network(link: Partial<LinkSettings> = {}, hooks: UdpHooks = {}) {
  const small = smallInternet(link);
  const udp = new MemoryUdp(small.internet, small.random.fork('udp'), hooks);
  const bind = (host: Host, port: number) => {
    const got: { readonly byte: number; readonly from: string }[] = [];
    const socket = udp.bind(host, port, ({ bytes, from }) =>
      got.push({ byte: bytes[0] ?? -1, from: `${from.host}:${from.port}` }),
    );
    return { ...socket, got, bytes: () => got.map(({ byte }) => byte) };
  };
  return { ...small, udp, bind };
}

describe('a datagram', () => {
  test('arrives after the latency, as a copy, with its source', () => {
    const heard: string[] = [];
    const { bind, clock, udp } = network(
      {},
      { onDelivered: (from, to, bytes) => heard.push(`${from} ${to} ${bytes.length}`) },
    );
    const [a, b] = [bind(A, 1), bind(B, 2)];
    const bytes = Uint8Array.of(7);
    a.send(bytes, AT_B);
    bytes[0] = 8;
    clock.advance(9);
    expect(b.got).toEqual([]);
    clock.advance(1);
    expect(b.got).toEqual([{ byte: 7, from: '45.0.1.1:1' }]);
    expect([heard, udp.lost]).toEqual([['45.0.1.1:1 45.0.2.1:2 1'], 0]);
  });

  test('is lost at an unbound port and at an unused address', () => {
    const { bind, clock, udp } = network();
    const a = bind(A, 1);
    a.send(Uint8Array.of(1), AT_B);
    a.send(Uint8Array.of(1), { host: '45.0.77.1', port: 1 });
    clock.advance(1_000);
    expect([udp.lost, clock.pending]).toEqual([2, 0]);
  });

  test('of more than 1,472 bytes is lost', () => {
    const { bind, clock } = network();
    const [a, b] = [bind(A, 1), bind(B, 2)];
    a.send(new Uint8Array(MAX_DATAGRAM_BYTES + 1), AT_B);
    a.send(new Uint8Array(MAX_DATAGRAM_BYTES), AT_B);
    clock.advance(10);
    expect(b.got).toHaveLength(1);
  });

  test('is lost in a partition, not delayed', () => {
    const { bind, clock, internet, udp } = network();
    const [a, b] = [bind(A, 1), bind(B, 2)];
    a.send(Uint8Array.of(1), AT_B);
    internet.partition([[A.address]]);
    clock.advance(10);
    internet.heal();
    clock.advance(10);
    expect([b.got, udp.lost]).toEqual([[], 1]);
  });

  test('is lost, duplicated and reordered at the rates of the link', () => {
    const lossy = network({ lossRate: 0.3 });
    const doubling = network({ duplicateRate: 0.3 });
    const mixing = network({ reorderRate: 0.3 });
    const arrived = [lossy, doubling, mixing].map(({ bind, clock }) => {
      const [a, b] = [bind(A, 1), bind(B, 2)];
      for (let byte = 0; byte < 250; byte += 1) {
        a.send(Uint8Array.of(byte), AT_B);
        clock.advance(1);
      }
      clock.advance(100);
      return b.bytes();
    });
    const inOrder = Array.from({ length: 250 }, (_, byte) => byte);
    expect(Math.abs(arrived[0]!.length - 175)).toBeLessThan(30);
    expect(Math.abs(arrived[1]!.length - 325)).toBeLessThan(30);
    expect([...new Set(arrived[1])]).toEqual(inOrder);
    expect(arrived[2]).not.toEqual(inOrder);
    expect([...arrived[2]!].sort((a, b) => a - b)).toEqual(inOrder);
  });

  test('is lost when 65,536 are in flight', () => {
    const { bind, clock, udp } = network();
    const [a, b] = [bind(A, 1), bind(B, 2)];
    for (let sent = 0; sent < 65_538; sent += 1) a.send(Uint8Array.of(1), AT_B);
    clock.advance(10);
    expect([b.got.length, udp.lost]).toEqual([65_536, 2]);
    a.send(Uint8Array.of(1), AT_B);
    clock.advance(10);
    expect([b.got.length, udp.lost]).toEqual([65_537, 2]);
  });
});

describe('a socket', () => {
  test('has its port exclusively until it is closed', () => {
    const { bind, udp } = network();
    const first = bind(A, 1);
    expect(() => bind(A, 1)).toThrow('EADDRINUSE: 45.0.1.1:1');
    first.close();
    bind(A, 1);
    first.close(); // does not close the new socket
    expect(udp.bound).toEqual(['45.0.1.1:1']);
    expect(bind(A, 0).local.port).toBe(49_152);
  });

  test('that is closed neither sends nor receives', () => {
    const { bind, clock } = network();
    const [a, b] = [bind(A, 1), bind(B, 2)];
    a.send(Uint8Array.of(1), AT_B);
    b.close();
    clock.advance(10);
    b.send(Uint8Array.of(1), { host: A.address, port: 1 });
    expect([a.got, b.got, clock.pending]).toEqual([[], [], 0]);
  });
});

test('all datagrams in flight can be dropped', () => {
  const { bind, clock, udp } = network();
  const a = bind(A, 1);
  a.send(Uint8Array.of(1), AT_B);
  udp.dropInFlight();
  expect([clock.pending, udp.lost]).toEqual([0, 1]);
  udp.dropInFlight(); // nothing is left to lose
  expect(udp.lost).toBe(1);
});

describe('behind a NAT', () => {
  function behind(shape: NatShape) {
    const all = network();
    const nat = new Nat('45.0.9.1', shape, all.clock);
    const host = { address: '10.0.0.1', nat };
    const beside = { address: '10.0.0.2', nat };
    for (const each of [host, beside]) all.internet.join(each);
    return { ...all, nat, beside: all.bind(beside, 5), inside: all.bind(host, 5) };
  }

  test.for([
    ['fullCone', [10, 11, 12]],
    ['addressRestricted', [10, 11]],
    ['portRestricted', [10]],
    ['symmetric', [10]],
  ] as const)('%s lets in %j', ([shape, letIn]) => {
    const { bind, clock, inside } = behind(shape);
    const [friend, friendOtherPort, otherHost] = [bind(B, 2), bind(B, 3), bind(C, 2)];
    inside.send(Uint8Array.of(1), AT_B);
    clock.advance(10);
    const [host, port] = friend.got[0]!.from.split(':');
    expect(host).toBe('45.0.9.1');
    for (const [index, { send }] of [friend, friendOtherPort, otherHost].entries())
      send(Uint8Array.of(10 + index), { host: host!, port: Number(port) });
    clock.advance(10);
    expect(inside.bytes()).toEqual(letIn);
  });

  test('a private address is only reachable from behind the same NAT, where it is visible', () => {
    const { bind, clock, inside, beside } = behind('fullCone');
    const to = { host: '10.0.0.1', port: 5 };
    bind(A, 1).send(Uint8Array.of(1), to);
    beside.send(Uint8Array.of(2), to);
    clock.advance(10);
    expect(inside.got).toEqual([{ byte: 2, from: '10.0.0.2:5' }]);
  });
});
