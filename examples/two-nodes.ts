/** Two nodes in one process connect over TCP; one greets, the other answers. */
import { generateNodeKey, type Protocol, Server } from 'peerchart';

const greeting: Protocol = {
  name: 'greet',
  version: 1,
  length: 1,
  async run(peer, port) {
    if (peer.direction !== 'inbound') await port.send(0, new TextEncoder().encode('hello'));
    for await (const { payload } of port) {
      console.log(`${peer.direction}: ${new TextDecoder().decode(payload)}`);
      if (peer.direction === 'inbound') await port.send(0, new TextEncoder().encode('hi'));
      else return peer.disconnect('requested');
    }
  },
};

const start = async (): Promise<Server> => {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    protocols: [greeting],
  });
  await server.start();
  return server;
};

await using alice = await start();
await using bob = await start();
alice.addPeer(bob.self.enode);

for await (const event of bob.events()) {
  if (event.type !== 'drop') continue;
  console.log(`${event.outcome}: ${event.state}`);
  break;
}
