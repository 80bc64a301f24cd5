/**
 * One connection from its first byte to its last: the machines of setup and peer drive a real RLPx link, and a remote
 * that is driven by hand reads what comes out. All that is written is judged: these are the parts of the invariants 7,
 * 8 and 9 that a link decides.
 */
import {
  type AnyActorRef,
  createActor,
  type EventObject,
  fromCallback,
  type InspectionEvent,
} from 'xstate';
import type { Port } from '../../src/api/protocol.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import type { Frame } from '../../src/io/crypto/rlpx-frame.ts';
import { CONGESTED_BYTES, MAX_HANDED_BYTES } from '../../src/io/link/write-queue.ts';
import { DISCONNECT, SNAPPY_FROM_VERSION } from '../../src/io/wire/base-message.ts';
import { type DisconnectReason, encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import { compress, decompress } from '../../src/io/wire/snappy.ts';
import type {
  CheckpointReply,
  CheckpointRequest,
} from '../../src/machines/connection/connection.ts';
import { checkOptions } from '../../src/server/config.ts';
import { Connections } from '../../src/server/connections.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { seededRandom, toHex } from './crypto.ts';
import { alice, bob, primitives } from './handshake.ts';
import { inspectionBy } from './inspection-by.ts';
import { type MemoryPair, memoryPair } from './memory-stream.ts';
import { newRawPeer } from './raw-peer.ts';
import { target } from './server-run.ts';
import { StepClock } from './step-clock.ts';
import { turns } from './turn.ts';

export type Origin = 'inbound' | 'static';

/** Nothing of the base protocol is as long: this is how messages of handlers are told from it on the way out. */
export const MESSAGE_BYTES = 4_000;

/** Both have message ids from 0x10 on, in this order. */
const PROTOCOLS = ['eth', 'snap'];
const LENGTH = 4;
const FIRST_ID = 0x10;

const CONFIG = checkOptions({ nodeKey: alice, ports: { primitives } });

/** Cannot be compressed. */
const NOISE = new Uint8Array(seededRandom('noise')(CONGESTED_BYTES));

export class LinkStage {
  readonly clock = new StepClock();
  readonly pair: MemoryPair = memoryPair();
  readonly remote: RawPeer = newRawPeer(this.pair.b, bob);
  readonly connections: Connections;
  readonly #verdicts: CheckpointReply['type'][];
  readonly #ports: Port[] = [];
  /** Messages that were sent and that came, by port. */
  readonly #sent = new Map<string, number>();
  readonly #heard = new Map<string, number>();
  /** Counts, so that a test can check that each case occurred. */
  readonly seen = { plain: 0, packed: 0, messages: 0, congested: 0, afterEnd: 0 };
  /** The last command to the link, and whether their Hello was read before it and has a version with compression. */
  #disconnect: { readonly reason: DisconnectReason; readonly isPacked: boolean } | null = null;
  #wasDisconnectReceived = false;
  #theirVersion: number | null = null;
  /** Our direction is closing: what is sealed is handed over at once. */
  #isEnding = false;
  /** Why nothing may be written any more. */
  #over: string | null = null;
  readonly #wrong: string[] = [];

  /** @param verdicts Of the two checkpoints. */
  constructor(who: Origin, verdicts: readonly CheckpointReply['type'][]) {
    this.#verdicts = [...verdicts];
    const runLoop = fromCallback<CheckpointRequest>(({ receive }) => receive(this.#reply));
    const protocols = PROTOCOLS.map((name) => ({
      ...{ name, version: 1, length: LENGTH, maxMessageBytes: CONGESTED_BYTES },
      run: (_: unknown, port: Port) => this.#handle(port),
    }));
    const { clock } = this;
    const random = seededRandom(alice.id);
    this.connections = new Connections(
      { ...CONFIG, protocols, ports: { ...CONFIG.ports, clock, random } },
      {
        sendToRunLoop: () => {},
        runLoop: createActor(runLoop).start(),
        inspection: inspectionBy(this.#inspect, (error) =>
          this.#fail(`the watcher broke: ${error}`),
        ),
        isTrusted: () => false,
        onPeer: () => {},
        onMessage: () => {},
        onState: () => {},
        hasStateListeners: () => false,
        onEnded: () => {},
        onFailedDial: () => {},
        onFault: (error, where) => this.#fail(`${where} broke: ${error}`),
      },
    );
    this.#watchWrites();
    const dialled = { ...target('bob'), publicKey: publicKeyHex(bob.publicKey) };
    this.connections.setups.start({
      stream: this.pair.a,
      direction: who,
      slot: null,
      target: who === 'inbound' ? null : dialled,
      onEnd: () => {},
    });
  }

  /** Each handler sends messages of so many bytes, and awaits none of them. */
  send(bytes: number, count: number): void {
    for (const port of this.#ports)
      for (let left = count; left > 0; left -= 1) {
        const number = this.#sent.get(port.name) ?? 0;
        const payload = NOISE.slice(0, bytes);
        new DataView(payload.buffer).setUint32(0, number);
        if (!port.signal.aborted) this.#sent.set(port.name, number + 1);
        else this.seen.afterEnd += 1;
        port.send(0, payload).catch(() => {});
      }
  }

  /** @throws When anything was wrong up to now. */
  async check(when: string): Promise<void> {
    await turns();
    while (this.remote.unreadFrames.length > 0) this.#checkFrame(await this.remote.next());
    if (this.#wrong.length > 0) throw new Error(`${when}: ${this.#wrong.join('; ')}`);
  }

  /** Ends what is left. @param isHeard Whether the remote has read everything up to the end. */
  async end(isHeard: boolean): Promise<void> {
    if (isHeard && this.#disconnect && !this.#wasDisconnectReceived)
      this.#fail(`8: ${this.#disconnect.reason} was to be sent, and did not arrive`);
    this.connections.destroy();
    this.remote.close();
    await this.check('at the end');
    const { destroyed } = this.pair.a.duplex;
    if (!destroyed || this.clock.pending > 0)
      this.#fail(`10: over with ${this.clock.pending} timers, stream destroyed: ${destroyed}`);
    await this.check('after the end');
  }

  /** 8, 9, and the order of messages. */
  #checkFrame({ code, payload }: Frame): void {
    if (this.#wasDisconnectReceived) this.#fail(`9: message ${code} after the Disconnect`);
    if (code === DISCONNECT) return this.#checkDisconnect(payload);
    if (code < FIRST_ID) return;
    const name = PROTOCOLS[Math.floor((code - FIRST_ID) / LENGTH)] ?? '';
    const plain = this.#isPacked ? decompress(payload, CONGESTED_BYTES) : payload;
    const number = new DataView(plain.buffer, plain.byteOffset).getUint32(0);
    const expected = this.#heard.get(name) ?? 0;
    if (number !== expected) this.#fail(`7: message ${number} of ${name}, not ${expected}`);
    this.#heard.set(name, number + 1);
    this.seen.messages += 1;
  }

  #checkDisconnect(payload: Uint8Array): void {
    this.#wasDisconnectReceived = true;
    if (!this.#disconnect) return this.#fail('8: a Disconnect without a command');
    const { reason, isPacked } = this.#disconnect;
    const plain = encodeDisconnect(reason);
    const expected = toHex(isPacked ? compress(plain) : plain);
    if (toHex(payload) !== expected)
      this.#fail(`8: ${reason} as ${toHex(payload)}, not as ${expected}`);
    if (reason === 'networkError') this.#fail('9: a network error is written');
    this.seen[isPacked ? 'packed' : 'plain'] += 1;
  }

  /** 7 and 9: every write of the link passes here. */
  #watchWrites(): void {
    const { duplex } = this.pair.a;
    const write = duplex.write.bind(duplex) as (...args: unknown[]) => boolean;
    const end = duplex.end.bind(duplex) as () => typeof duplex;
    Object.assign(duplex, {
      write: (chunk: Uint8Array, ...rest: unknown[]) => {
        if (this.#over) this.#fail(`9: ${chunk.length} bytes after ${this.#over}`);
        if (duplex.writableLength >= MAX_HANDED_BYTES && !this.#isEnding)
          this.#fail(`7: bytes while ${duplex.writableLength} bytes are not sent`);
        if (duplex.writableLength >= MAX_HANDED_BYTES / 2) this.seen.congested += 1;
        return write(chunk, ...rest);
      },
      end: () => {
        this.#over ??= 'the end of our direction';
        return end();
      },
    });
  }

  get #isPacked(): boolean {
    return this.#theirVersion !== null && this.#theirVersion >= SNAPPY_FROM_VERSION;
  }

  #fail(sentence: string): void {
    this.#wrong.push(sentence);
  }

  readonly #reply = ({ replyTo }: CheckpointRequest): void => {
    const type = this.#verdicts.shift() ?? 'accept';
    replyTo.send((type === 'accept' ? { type } : { type, facts: {} }) as CheckpointReply);
  };

  #handle(port: Port): Promise<void> {
    this.#ports.push(port);
    return new Promise((resolve) => {
      port.signal.addEventListener('abort', () => resolve());
    });
  }

  readonly #inspect = (inspected: InspectionEvent): void => {
    if (inspected.type !== '@xstate.event') return;
    const event = inspected.event as EventObject & { reason?: DisconnectReason };
    const actor = inspected.actorRef as AnyActorRef;
    if (actor.id !== 'link') return this.#onReport(event);
    this.#isEnding ||= event.type === 'send.disconnect' || event.type === 'hang.up';
    if (event.type !== 'send.disconnect') return;
    if (this.#disconnect) this.#fail('8: a second command to disconnect');
    this.#disconnect = { reason: event.reason!, isPacked: this.#isPacked };
  };

  #onReport(event: EventObject & { hello?: { version: number } }): void {
    if (event.type === 'hello.received') this.#theirVersion ??= event.hello?.version ?? null;
    if (['link.closed', 'link.stalled', 'link.faulted'].includes(event.type))
      this.#over ??= event.type;
  }
}
