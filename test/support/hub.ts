/** A server with two honest peers that keep exchanging messages with it, and raw peers that the test drives. */

import type { ServerOptions } from '../../src/api/options.ts';
import type { Peer } from '../../src/api/peer.ts';
import type { Port, Protocol } from '../../src/api/protocol.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { helloOf } from './links.ts';
import { type Scrape, scrape } from './metrics.ts';
import { newRawPeer } from './raw-peer.ts';
import { keyOf, type Member, World } from './world.ts';

/** Where messages of echo/1 begin. */
export const ECHO_OFFSET = 0x10;

const HONEST_SEEDS = [2, 3];
const HUB_SEED = 1;

/** A new peer of `member` that speaks echo/1; the test reads what it receives after that. */
export async function rawPeerOf(world: World, member: Member, seed: number): Promise<RawPeer> {
  const { a } = world.network.connect(member.server.self.address!)!;
  const key = keyOf(seed);
  const peer = newRawPeer(a, key, undefined, world.network.connections.length - 1);
  await peer.dial(member.key.publicKey);
  peer.sendHello(helloOf(key));
  await peer.next();
  await world.settle();
  return peer;
}

export class Hub {
  readonly world = new World();
  readonly member: Member;
  readonly #honest: Member[];
  readonly #ports: Port[] = [];
  #said = 0;

  /** @param run What the server does with raw peers; messages of honest peers are always echoed. */
  constructor(run: Protocol['run'], options: Partial<ServerOptions> = {}) {
    const isHonest = (id: string): boolean => HONEST_SEEDS.some((seed) => keyOf(seed).id === id);
    this.member = this.world.add(HUB_SEED, {
      protocols: [
        {
          ...echo(),
          run: (peer, port, tools) => (isHonest(peer.id) ? parrot(port) : run(peer, port, tools)),
        },
      ],
      ...options,
    });
    this.#honest = HONEST_SEEDS.map((seed) =>
      this.world.add(seed, {
        protocols: [
          {
            ...echo(),
            run: (_, port) => {
              this.#ports.push(port);
              return new Promise((resolve) =>
                port.signal.addEventListener('abort', () => resolve()),
              );
            },
          },
        ],
      }),
    );
  }

  async start(): Promise<this> {
    await this.world.start(this.member, ...this.#honest);
    for (const { server } of this.#honest) server.addPeer(this.member.enode);
    await this.world.settle();
    return this;
  }

  rawPeer(seed: number): Promise<RawPeer> {
    return rawPeerOf(this.world, this.member, seed);
  }

  /** Every honest peer sends a message and gets it echoed, without any time passing. */
  async exchange(): Promise<void> {
    this.#said += 1;
    const payload = Uint8Array.of(this.#said % 256);
    for (const port of this.#ports) {
      await port.send(0, payload);
      const { value } = await port[Symbol.asyncIterator]().next();
      if (value?.payload[0] !== payload[0])
        throw new Error('an honest peer received a different message');
    }
    if (this.#ports.length !== HONEST_SEEDS.length)
      throw new Error('an honest peer connected twice');
  }

  /** Why the peers went that are gone, in order, such as `rejected.pingFlood`. */
  get endings(): string[] {
    return this.member.log.flatMap((event) =>
      event.type === 'drop' ? [event.state.replace('ending.', '')] : [],
    );
  }

  scrape(): Promise<Scrape> {
    return scrape(this.member.server.metrics);
  }
}

async function parrot(port: Port): Promise<void> {
  for await (const { code, payload } of port) await port.send(code, payload);
}

/** One server, and a raw peer of it; `run` is what the server does with it. */
export async function withRawPeer(run: Protocol['run'], more: readonly Protocol[] = []) {
  const world = new World();
  const server = world.add(1, { protocols: [{ ...echo(), run }, ...more] });
  await world.start(server);
  const peer = await rawPeerOf(world, server, 9);
  return { world, server, peer };
}

/** A handler that does nothing until its peer ends. */
export const idle = (_peer: Peer, port: Port): Promise<void> =>
  new Promise((resolve) => port.signal.addEventListener('abort', () => resolve()));
