/** A node with a data directory and a service that counts greetings; after a restart it is the same node. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Node, type Protocol, type ServiceContext } from 'peerchart';

function guestBook({ nodeId }: ServiceContext) {
  let greetings = 0;
  const greet: Protocol = {
    name: 'greet',
    version: 1,
    length: 1,
    async run(peer, port) {
      if (peer.direction !== 'inbound') await port.send(0, new TextEncoder().encode('hello'));
      for await (const _ of port) {
        greetings += 1;
        peer.disconnect('requested');
      }
    },
  };
  return {
    key: 'guest book',
    protocols: [greet],
    start: () => console.log(`opened by a node with an id of ${nodeId.length} digits`),
    stop: () => console.log(`closed with ${greetings} greetings`),
    greetings: () => greetings,
  };
}

const datadir = await mkdtemp(join(tmpdir(), 'guest-book-'));
const server = { listen: { host: '127.0.0.1', port: 0 } };
const host = new Node({ datadir, server, services: [guestBook] });
const first = await host.start();

const guest = new Node({ server, services: [guestBook] }); // without a data directory: a new key
(await guest.start()).addPeer(first.self.enode);
for await (const { type } of first.events()) if (type === 'drop') break;
console.log(`${host.service(guestBook).greetings()} greeting was counted`);
await guest.stop();

await host.stop();
const second = await host.start();
console.log(second.self.id === first.self.id ? 'the same node again' : 'another node');
await host.stop();
await rm(datadir, { recursive: true });
