/**
 * One byte stream as an RLPx link: executes each command and reports the result as an event.
 * Reads only what the chart waits for. Owning and destroying the stream is left to the runner of the connection.
 */
import { createPacketReader, type HandshakePacket } from '../crypto/handshake-packet.ts';
import {
  createFrameReader,
  createFrameWriter,
  type Frame,
  type FrameReader,
  type FrameWriter,
  type PartialFrame,
} from '../crypto/rlpx-frame.ts';
import type { Session } from '../crypto/rlpx-handshake.ts';
import { HANDSHAKE_ABANDONED } from '../process/handshake-queue.ts';
import { thrownText } from '../process/thrown.ts';
import {
  DISCONNECT,
  EMPTY_PAYLOAD,
  HELLO,
  MAX_BASE_MESSAGE_BYTES,
  PING,
  SNAPPY_FROM_VERSION,
} from '../wire/base-message.ts';
import { type DisconnectReason, decodeDisconnect, encodeDisconnect } from '../wire/disconnect.ts';
import { WireError } from '../wire/error.ts';
import { decodeHello, encodeHello } from '../wire/hello.ts';
import { compress } from '../wire/snappy.ts';
import { EncHandshake } from './enc-handshake.ts';
import type { Link, LinkOptions, LinkReport, Transport } from './link.ts';
import type { LinkCommand, PeerLinkEvent, SetupLinkEvent } from './link-events.ts';
import { LinkTimeouts } from './link-timeouts.ts';
import { MessageRouter } from './message-router.ts';
import type { Port, PortPlace } from './protocol-port.ts';
import { StreamEnd } from './stream-end.ts';
import { StreamReader } from './stream-reader.ts';
import { WriteQueue } from './write-queue.ts';

/** Longest first frame, in bytes: a one-byte message id and the longest Hello. Source: go-ethereum p2p/peer.go, baseProtocolMaxMsgSize. */
const MAX_FIRST_FRAME_BYTES = 1 + MAX_BASE_MESSAGE_BYTES;

type ReadingTable = Record<(SetupLinkEvent | PeerLinkEvent)['type'], 'continues' | 'stops'>;

/**
 * What happens to reading when an event is reported. It stops with every event that ends the setup or the peer, so
 * that nothing behind it is processed; the chart then commands what to read, if anything.
 */
export const READING_AFTER = {
  'auth.sent': 'continues',
  'auth.queued': 'continues',
  'handshakes.full': 'stops',
  'auth.received': 'continues',
  'ack.sent': 'continues',
  'ack.received': 'continues',
  'hello.received': 'stops',
  'message.unexpected': 'stops',
  'pong.received': 'continues',
  'pong.deferred': 'continues',
  'pong.overdue': 'stops',
  'ping.flooded': 'stops',
  'hello.repeated': 'stops',
  'message.unroutable': 'stops',
  'handler.stalled': 'stops',
  'disconnect.received': 'stops',
  'link.silent': 'stops',
  'link.stalled': 'stops',
  'link.garbled': 'stops',
  'link.faulted': 'stops',
  'link.closed': 'continues', // there is nothing left to read
} as const satisfies ReadingTable;

/** The default transport. */
export const rlpxTransport: Transport = (options) => new RlpxLink(options);

export class RlpxLink implements Link {
  readonly #options: LinkOptions;
  readonly #reader: StreamReader;
  readonly #writeQueue: WriteQueue;
  readonly #timeouts: LinkTimeouts;
  /** Null once the session keys are derived: a peer keeps no part of its handshake. */
  #encHandshake: EncHandshake | null;
  readonly #end: StreamEnd;
  #report: LinkReport | null = null;
  #frames: Frames | null = null;
  #isCompressed = false;
  #router: MessageRouter | null = null;
  #isPingQueued = false;

  constructor(options: LinkOptions) {
    const { stream, clock, traffic, budgets } = options;
    this.#options = options;
    this.#reader = new StreamReader(stream.duplex, clock, traffic.stream, this.#fail);
    this.#writeQueue = new WriteQueue(stream.duplex, clock, traffic.stream, budgets.unsent, {
      onStalled: (unsentBytes, stalledMs) =>
        this.#emit({
          type: 'link.stalled',
          unsentBytes,
          ...(stalledMs !== undefined && { stalledMs }),
        }),
      onProgress: () => this.#timeouts.bytesTaken(),
    });
    this.#timeouts = new LinkTimeouts(clock, {
      isHeld: () => this.#reader.isHeld,
      report: (event) => this.#emit(event),
    });
    this.#encHandshake = new EncHandshake(options, {
      write: (packet) => this.#writeQueue.write(packet),
      report: (event) => this.#emit(event),
      onSession: (session) => this.#openFrames(session),
    });
    this.#end = new StreamEnd(stream.duplex, this.#reader, (closed) => this.#emit(closed));
  }

  toJSON(): string {
    return '[link]';
  }

  attach(report: LinkReport): void {
    this.#report = report;
    if (this.#end.reported) report(this.#end.reported);
  }

  detach(report: LinkReport): void {
    if (this.#report !== report) return;
    this.#report = null;
    this.#reader.stop();
  }

  openPorts(places: readonly PortPlace[]): readonly Port[] {
    this.#router = new MessageRouter(places, this.#isCompressed, {
      clock: this.#options.clock,
      report: (event) => this.#emit(event),
      reply: (code, payload) => this.#writeFrame(code, payload),
      send: (id, payload) => this.#sendFrame(id, payload),
      traffic: this.#options.traffic,
      budget: this.#options.budgets.received,
      onPong: () => this.#timeouts.pongReceived(),
      onResume: () => {
        this.#timeouts.readingResumed();
        this.#reader.release();
      },
    });
    return this.#router.ports;
  }

  closePorts(reason: Error): void {
    this.#router?.close(reason);
  }

  release(reason: Error): void {
    this.#report = null;
    this.#encHandshake?.abandon();
    this.#reader.detach();
    this.#timeouts.stop();
    this.#router?.close(reason);
    this.#router?.drop();
    this.#writeQueue.detach(reason);
    this.#end.detach();
  }

  command(command: LinkCommand): void {
    try {
      this.#execute(command);
    } catch (error) {
      this.#fail(error);
    }
  }

  #execute(command: LinkCommand): void {
    switch (command.type) {
      case 'send.auth':
        return this.#runStep(this.#handshake().sendAuth());
      case 'await.ack':
        return this.#readPacket('ack', ({ bytes }) =>
          this.#runStep(this.#handshake().processAck(bytes)),
        );
      case 'await.auth':
        return this.#readPacket('auth', (packet) => this.#handshake().queueAuth(packet));
      case 'process.auth':
        return this.#runStep(this.#handshake().processAuth());
      case 'send.ack':
        return this.#runStep(this.#handshake().sendAck());
      case 'send.hello':
        return this.#writeFrame(HELLO, encodeHello(this.#options.hello));
      case 'await.hello':
        return this.#readFrames(MAX_FIRST_FRAME_BYTES, (frame) => this.#onFirstMessage(frame));
      case 'start.routing':
        return this.#startRouting();
      case 'send.ping':
        return this.#sendPing();
      case 'send.disconnect':
        return this.#endWith(command.reason);
      case 'hang.up':
        return this.#endWith(null);
    }
  }

  #handshake(): EncHandshake {
    if (!this.#encHandshake) throw new TypeError('the handshake is done');
    return this.#encHandshake;
  }

  #openFrames(session: Session): void {
    const { primitives } = this.#options;
    this.#encHandshake = null;
    this.#frames = {
      writer: createFrameWriter(session, primitives),
      reader: createFrameReader(session, primitives, MAX_FIRST_FRAME_BYTES),
    };
  }

  // Messages.

  #onFirstMessage({ code, payload }: Frame): void {
    if (code === HELLO) {
      const hello = decodeHello(payload);
      this.#isCompressed = hello.version >= SNAPPY_FROM_VERSION;
      this.#emit({ type: 'hello.received', hello });
    } else if (code === DISCONNECT)
      this.#emit({ type: 'disconnect.received', ...decodeDisconnect(payload) });
    else this.#emit({ type: 'message.unexpected', code });
  }

  #startRouting(): void {
    const router = this.#router;
    if (!router) throw new TypeError('routing needs ports');
    const { handshakeQueue } = this.#options;
    this.#timeouts.start();
    this.#readFrames(
      router.maxFrameBytes,
      (frame) => {
        handshakeQueue.notePeerWork();
        router.route(frame);
        if (router.isReadingStopped) this.#reader.hold();
      },
      (part) => {
        handshakeQueue.notePeerWork();
        router.expectFrame(part);
        if (router.isReadingStopped) this.#reader.hold();
      },
    );
  }

  /** Sends Disconnect if there is a session, closes our direction, and discards what arrives until the remote closes. */
  #endWith(reason: DisconnectReason | null): void {
    if (reason && this.#frames) this.#writeFrame(DISCONNECT, encodeDisconnect(reason));
    this.#timeouts.stop();
    this.#writeQueue.end(new Error('the connection is ending'));
    this.#reader.read((chunk) => chunk.length); // discarded
  }

  /** One ping at a time: behind a large message of ours, more of them would arrive as a flood. */
  #sendPing(): void {
    this.#router?.expectPong();
    this.#timeouts.pingQueued();
    if (this.#isPingQueued) return;
    this.#isPingQueued = true;
    this.#writeFrame(PING, EMPTY_PAYLOAD, () => {
      this.#isPingQueued = false;
      this.#timeouts.pingTaken();
    });
  }

  #writeFrame(code: number, payload: Uint8Array, onTaken?: () => void): void {
    if (!this.#frames) throw new TypeError('no frame without a session');
    this.#writeQueue.write(this.#frames.writer.seal(code, this.#encodePayload(payload)), onTaken);
  }

  async #sendFrame(code: number, payload: Uint8Array): Promise<number> {
    const frames = this.#frames;
    if (!frames) throw new TypeError('no frame without a session');
    this.#options.handshakeQueue.notePeerWork();
    const packed = this.#encodePayload(payload);
    await this.#writeQueue.send(packed.length, () => frames.writer.seal(code, packed));
    return packed.length;
  }

  #encodePayload(payload: Uint8Array): Uint8Array {
    return this.#isCompressed ? compress(payload) : payload;
  }

  // Reading.

  /** The end of the stream is noticed while the packet waits for its turn: no honest node sends more before our answer. */
  #readPacket(kind: 'auth' | 'ack', take: (packet: HandshakePacket) => void): void {
    const packets = createPacketReader(kind, { legacy: this.#options.legacyHandshake });
    this.#reader.read((chunk) => {
      const { offset, packet } = packets.read(chunk, 0);
      if (packet) {
        this.#reader.watch();
        take(packet);
      }
      return offset;
    });
  }

  #readFrames(
    maxFrameBytes: number,
    take: (frame: Frame) => void,
    onPart: (frame: PartialFrame) => void = () => {},
  ): void {
    const frames = this.#frames;
    if (!frames) throw new TypeError('no frame without a session');
    frames.reader.allow(maxFrameBytes);
    this.#reader.read((chunk) => {
      const { offset, frame } = frames.reader.read(chunk, 0);
      if (!frame) {
        const part = frames.reader.partialFrame();
        this.#timeouts.partReceived(part.receivedBytes);
        onPart(part);
      } else {
        this.#timeouts.messageReceived();
        take(frame);
      }
      return offset;
    });
  }

  // Failures and events.

  #runStep(step: Promise<void>): void {
    step.catch((error: unknown) => {
      if (error !== HANDSHAKE_ABANDONED) this.#fail(error);
    });
  }

  readonly #fail = (error: unknown): void => {
    if (error instanceof WireError) {
      this.#emit({ type: 'link.garbled', fault: error.fault, detail: error.detail });
      return;
    }
    this.#options.onFault(error);
    this.#emit({ type: 'link.faulted', message: thrownText(error) });
  };

  #emit(event: SetupLinkEvent | PeerLinkEvent): void {
    if (READING_AFTER[event.type] === 'stops') this.#reader.stop();
    this.#report?.(event);
  }
}

type Frames = { readonly writer: FrameWriter; readonly reader: FrameReader };
