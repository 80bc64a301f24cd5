/** A network in memory where dials and bytes wait until the test lets them through, a handshake step at a time. */
import type { Duplex } from 'node:stream';
import { concatBytes } from '@noble/hashes/utils.js';
import { type EventObject, fromCallback } from 'xstate';
import type { DialerEvent } from '../../src/io/adapters/tcp-dialer.ts';
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { type Connection, MemoryNetwork } from './memory-network.ts';
import { memoryPair } from './memory-stream.ts';

/** Steps of a connection, from the side that dialled. After `open`, all later bytes pass without a gate. */
export type Step = 'connect' | 'auth' | 'ack' | 'helloOut' | 'helloIn' | 'open';

export class GatedNetwork extends MemoryNetwork {
  /** By the port that was dialled. */
  readonly #dials = new Map<number, (stream: ByteStream) => void>();
  readonly #lanes = new Map<number, { readonly out: Lane; readonly back: Lane }>();

  /** One step of the connection to this port; ignored when the connection has ended. */
  take(step: Step, port: number): void {
    if (step === 'connect') return this.#connect(port);
    const lanes = this.#lanes.get(port);
    if (step === 'auth') lanes?.out.passPacket();
    else if (step === 'ack') lanes?.back.passPacket();
    else if (step === 'helloOut') lanes?.out.passAll();
    else if (step === 'helloIn') lanes?.back.passAll();
    else {
      lanes?.out.open();
      lanes?.back.open();
    }
  }

  override readonly dialer = fromCallback<EventObject, Endpoint>(({ input, sendBack }) => {
    this.#dials.set(input.port, (stream) => {
      const event: DialerEvent = { type: 'socket.connected', stream };
      sendBack(event);
    });
    return () => this.#dials.delete(input.port);
  });

  #connect(port: number): void {
    const report = this.#dials.get(port);
    if (!report) return; // given up
    const to = { host: '192.0.2.1', port };
    const near = memoryPair({});
    const far = this.connect(to);
    if (!far) throw new Error(`nothing listens at ${port}`);
    this.#lanes.set(port, {
      out: new Lane(near.b.duplex, far.a.duplex),
      back: new Lane(far.a.duplex, near.b.duplex),
    });
    this.connections.push({ ...near, to } satisfies Connection);
    report(near.a);
  }
}

/** One direction: what arrived, and what may pass. The end of a stream waits in line like its bytes. */
class Lane {
  #waiting = new Uint8Array();
  #isOver = false;
  #isOpen = false;
  readonly #to: Duplex;

  constructor(from: Duplex, to: Duplex) {
    this.#to = to;
    from.on('data', (chunk: Uint8Array) => {
      this.#waiting = concatBytes(this.#waiting, chunk);
      if (this.#isOpen) this.passAll();
    });
    from.on('error', () => {});
    from.on('close', () => {
      this.#isOver = true;
      if (this.#isOpen) this.passAll();
    });
  }

  /** An auth or ack: its size, two bytes big-endian, and that many bytes. */
  passPacket(): void {
    const [high = 0, low = 0] = this.#waiting;
    this.#pass(2 + high * 256 + low);
  }

  passAll(): void {
    this.#pass(this.#waiting.length);
    if (this.#isOver) this.#to.destroy();
  }

  open(): void {
    this.#isOpen = true;
    this.passAll();
  }

  #pass(bytes: number): void {
    if (!this.#to.destroyed && this.#waiting.length > 0)
      this.#to.write(this.#waiting.slice(0, bytes));
    this.#waiting = this.#waiting.slice(bytes);
  }
}
