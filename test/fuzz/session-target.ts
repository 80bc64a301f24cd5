/**
 * Whole sessions of one real server on virtual time, as recipient and as initiator, with a hostile far end. The server
 * lives on through all of them: each ends in a named state, leaves nothing, and an honest peer is admitted afterwards.
 */
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { ServerOptions } from '../../src/api/options.ts';
import { RECENT_AUTH_MS } from '../../src/io/link/recent-auths.ts';
import { echo } from '../../src/protocols/echo.ts';
import { seededRandom } from '../support/crypto.ts';
import { enodeOf, keyOf, type Member, slotsInUse, World } from '../support/world.ts';
import { ByteSource } from './byte-source.ts';
import { answered, dialed, honestHello, sealHello, stepsOf } from './hostile-peer.ts';
import { createRawSealer } from './raw-sealer.ts';
import { demand, demandEqual, type Target, type Watch } from './target.ts';

/** By seed: the server, the hostile peer and the honest one. */
const [US, THEM, FRIEND] = [1, 2, 3];

/** Turns of the event loop that are more than a step takes. */
const STEP_TURNS = 3;
const SETTLED = 20;

/** Longer than every deadline of a connection together: it is over, or it is kept. */
const TIME_ENOUGH_MS = 100_000;

/** How a connection may end, before it is a peer and after it. */
const ENDINGS = /^(rejected|refused|failed)\.[a-zA-Z]+$|^ending\.(ours|theirs|[a-z]+)\.[a-zA-Z]+$/;

class Stage {
  readonly #world = new World();
  readonly #member: Member;
  #random = seededRandom('fuzz');
  readonly #actors: Promise<readonly string[]>;

  constructor() {
    const options: Partial<ServerOptions> = {
      protocols: [echo()],
      redialBackOff: false, // a node that waits for its reason is a timer, up to an hour
      ports: { random: (bytes) => this.#random(bytes) },
    };
    this.#member = this.#world.add(US!, options);
    this.#actors = this.#world.start(this.#member).then(() => this.#world.liveActors());
  }

  async play(source: ByteSource, watch: Watch): Promise<void> {
    const actors = await this.#actors;
    const { server, log } = this.#member;
    const isInitiator = (source.byte() & 1) === 1;
    const duplex = await (isInitiator ? this.#beDialed(source) : this.#dial(source));
    this.#world.clock.advance(TIME_ENOUGH_MS);
    await this.#world.settle(SETTLED);
    duplex.destroy();
    await this.#world.settle(SETTLED);
    if (isInitiator) await server.removePeer(enodeOf(THEM!));
    watch.end();
    this.#expectNothingLeft(actors, 'a hostile peer');
    this.#expectNamed(log.splice(0), isInitiator);

    await this.#welcomeFriend();
    this.#expectNothingLeft(actors, 'an honest peer');
    demandEqual(
      log.splice(0).map(({ type }) => type),
      ['add', 'drop'],
      'an honest peer is welcome',
    );
  }

  async end(): Promise<void> {
    await this.#world.end();
  }

  async #dial(source: ByteSource): Promise<Duplex> {
    const { duplex } = this.#connect();
    await this.#speak(duplex, source, dialed(duplex, keyOf(THEM!), keyOf(US!).publicKey));
    return duplex;
  }

  async #beDialed(source: ByteSource): Promise<Duplex> {
    this.#random = seededRandom('fuzz');
    const { network } = this.#world;
    const place = { host: '192.0.2.1', port: 30_000 + THEM! };
    const dialedUs = new Promise<Duplex>((resolve) =>
      network.attach(place, ({ duplex }) => {
        network.attach(place, (again) => again.destroy());
        resolve(duplex);
      }),
    );
    this.#member.server.addPeer(enodeOf(THEM!));
    const duplex = await dialedUs;
    await this.#speak(duplex, source, answered(duplex, keyOf(THEM!)));
    return duplex;
  }

  #connect(): { readonly duplex: Duplex } {
    this.#random = seededRandom('fuzz');
    this.#world.clock.advance(RECENT_AUTH_MS); // or the same auth would be a replay
    return this.#world.network.connect(this.#member.server.self.address!)!.a;
  }

  async #speak(
    duplex: Duplex,
    source: ByteSource,
    handshake: ReturnType<typeof dialed>,
  ): Promise<void> {
    duplex.on('error', () => {}); // a reset is one of the answers
    const seal = createRawSealer(await handshake);
    for (const step of stepsOf(source, seal, keyOf(THEM!))) {
      if (duplex.destroyed) return;
      if (step.type === 'write') duplex.write(step.bytes);
      else {
        await this.#world.settle(STEP_TURNS);
        this.#world.clock.advance(step.ms);
      }
    }
    await this.#world.settle(SETTLED);
  }

  async #welcomeFriend(): Promise<void> {
    const { duplex } = this.#connect();
    const key = keyOf(FRIEND!);
    const seal = createRawSealer(await dialed(duplex, key, keyOf(US!).publicKey));
    duplex.write(sealHello(seal, honestHello(key)));
    for (let left = SETTLED; left > 0 && this.#member.server.peers.length === 0; left -= 1)
      await setImmediate();
    demandEqual(
      this.#member.server.peers.map(({ id }) => id),
      [key.id],
      'an honest peer is a peer',
    );
    duplex.destroy();
    await this.#world.settle(SETTLED);
  }

  #expectNamed(log: Member['log'], isInitiator: boolean): void {
    const ends = log.filter(({ type }) => type === 'ended' || type === 'drop');
    const isOnce = isInitiator ? ends.length > 0 : ends.length === 1; // who dials tries again
    demand(isOnce, `an ending, not ${ends.length}`);
    for (const end of ends)
      demand(
        'state' in end && ENDINGS.test(end.state),
        `a named ending, not ${JSON.stringify(end)}`,
      );
  }

  #expectNothingLeft(actors: readonly string[], by: string): void {
    const { network, clock, faults } = this.#world;
    const { server } = this.#member;
    demandEqual(faults, [], `no mistake of ours with ${by}: ${faults}`);
    demandEqual(
      {
        timers: clock.pending,
        slots: slotsInUse(server),
        actors: this.#world.liveActors(),
        open: network.connections.filter(({ a, b }) => !a.duplex.destroyed || !b.duplex.destroyed)
          .length,
        peers: server.peers.length,
      },
      { timers: 0, slots: 0, actors, open: 0, peers: 0 },
      `nothing is left of ${by}`,
    );
    network.connections.length = 0;
  }
}

let stage: Stage | null = null;

/** Who dials, then the program of the hostile peer. */
export const session: Target = {
  name: 'session',
  maxBytes: 600,
  seeds: () =>
    [
      '0000',
      '0100',
      `000002${'0000030410'.repeat(4)}`,
      `010004${'000003046162636410'.repeat(6)}`,
    ].map((digits) => Uint8Array.from(Buffer.from(digits, 'hex'))),
  extraBytes: () => Number.POSITIVE_INFINITY,
  async run(input, watch) {
    stage ??= new Stage();
    const current = stage;
    try {
      await current.play(new ByteSource(input), watch);
    } catch (error) {
      stage = null; // the next input gets a server that nothing happened to
      throw error;
    }
  },
  async close() {
    await stage?.end();
    stage = null;
  },
};
