/** A name server on loopback that answers queries for TXT records from a `NameServer`. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import type { NameServer } from './dns-run.ts';

/** Source: RFC 1035, 4.1.1. */
const RESPONSE = 0x8180;
const SERVFAIL = 2;
const NXDOMAIN = 3;

/** @returns Its address for `Resolver.setServers`, and `close`. */
export async function txtServer(names: NameServer) {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const { name: asked, end } = question(query);
    const name = spelling(names, asked);
    const { signal } = new AbortController();
    names.resolve(name, { signal }).then(
      ([strings = []]) => reply(0, strings),
      ({ code }: { code?: string }) => reply(code === 'ENOTFOUND' ? NXDOMAIN : SERVFAIL, null),
    );
    const reply = (code: number, strings: readonly string[] | null): void => {
      const header = Buffer.from(query.subarray(0, 12));
      header.writeUInt16BE(RESPONSE + code, 2);
      header.writeUInt16BE(strings ? 1 : 0, 6);
      header.writeUInt32BE(0, 8);
      const data = Buffer.concat(
        (strings ?? []).map((text) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)])),
      );
      const answer = [0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 9, data.length >> 8, data.length & 0xff];
      const parts = [header, query.subarray(12, end)];
      if (strings) parts.push(Buffer.from(answer), data);
      socket.send(Buffer.concat(parts), port, address);
    };
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => {
      socket.close();
    },
  };
}

/** Names are compared without case, and a resolver may ask in any. */
function spelling({ names, silent, broken }: NameServer, asked: string): string {
  const known = [...names.keys(), ...silent, ...broken];
  return known.find((name) => name.toLowerCase() === asked.toLowerCase()) ?? asked;
}

function question(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
    labels.push(query.subarray(at + 1, at + 1 + size).toString());
    at += size + 1;
  }
  return { name: labels.join('.'), end: at + 5 };
}
