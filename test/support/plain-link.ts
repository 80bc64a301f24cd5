/**
 * A transport without cryptography: every message is a line of JSON, and the caller states its id.
 * It keeps received messages until its machine waits for them, as a link must.
 */

import { nodeId, parseRawPublicKey, publicKeyHex } from '../../src/io/crypto/public-key.ts';
import type { Link, LinkOptions, LinkReport, Transport } from '../../src/io/link/link.ts';
import type { LinkCommand } from '../../src/io/link/link-events.ts';
import { MessageRouter } from '../../src/io/link/message-router.ts';
import type { Port, PortPlace } from '../../src/io/link/protocol-port.ts';
import { DISCONNECT, EMPTY_PAYLOAD, PING } from '../../src/io/wire/base-message.ts';
import {
  type DisconnectReason,
  decodeDisconnect,
  encodeDisconnect,
} from '../../src/io/wire/disconnect.ts';
import type { Hello } from '../../src/io/wire/hello.ts';

type Line =
  | { readonly type: 'auth' | 'ack'; readonly publicKey: string }
  | { readonly type: 'hello'; readonly hello: Hello }
  | { readonly type: 'frame'; readonly code: number; readonly payload: string };

class PlainLink implements Link {
  readonly #options: LinkOptions;
  readonly #heard: Line[] = [];
  #report: LinkReport | null = null;
  #router: MessageRouter | null = null;
  #rest = '';
  #auth: Line | null = null;
  #isEnded = false;
  #take: ((line: Line) => void) | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    options.stream.duplex.on('data', this.#onData).on('close', this.#onClose).resume();
  }

  attach(report: LinkReport): void {
    this.#report = report;
    if (this.#isEnded) report(CLOSED);
  }

  detach(report: LinkReport): void {
    if (this.#report !== report) return;
    this.#report = null;
    this.#take = null;
  }

  command(command: LinkCommand): void {
    switch (command.type) {
      case 'send.auth':
        this.#introduce('auth');
        return this.#report?.({ type: 'auth.sent' });
      case 'send.ack':
        this.#introduce('ack');
        return this.#report?.({ type: 'ack.sent' });
      case 'await.auth':
        return this.#next((line) => {
          this.#auth = line;
          this.#report?.({ type: 'auth.queued' });
        });
      case 'process.auth':
        if (this.#auth) this.#takeKey('auth.received', this.#auth);
        return;
      case 'await.ack':
        return this.#next((line) => this.#takeKey('ack.received', line));
      case 'send.hello':
        return this.#say({ type: 'hello', hello: this.#options.hello });
      case 'await.hello':
        return this.#next((line) => this.#takeFirst(line));
      case 'start.routing':
        return this.#routeNext();
      case 'send.ping':
        this.#router?.expectPong();
        return this.#sayFrame(PING, EMPTY_PAYLOAD);
      case 'send.disconnect':
        return this.#leave(command.reason);
      case 'hang.up':
        return this.#leave(null);
    }
  }

  openPorts(places: readonly PortPlace[]): readonly Port[] {
    const { clock, traffic, budgets } = this.#options;
    this.#router = new MessageRouter(places, false, {
      clock,
      traffic,
      budget: budgets.received,
      report: (event) => this.#report?.(event),
      reply: (code, payload) => this.#sayFrame(code, payload),
      send: async (code, payload) => {
        this.#sayFrame(code, payload);
        return payload.length;
      },
      onPong: () => {},
      onResume: () => {},
    });
    return this.#router.ports;
  }

  closePorts(reason: Error): void {
    this.#router?.close(reason);
  }

  release(reason: Error): void {
    this.#report = null;
    this.#router?.close(reason);
    this.#router?.drop();
    this.#options.stream.duplex.off('data', this.#onData).off('close', this.#onClose);
  }

  toJSON(): string {
    return '[plain link]';
  }

  #introduce(type: 'auth' | 'ack'): void {
    this.#say({ type, publicKey: publicKeyHex(this.#options.key.publicKey) });
  }

  #takeKey(type: 'auth.received' | 'ack.received', line: Line): void {
    if (line.type !== 'auth' && line.type !== 'ack') throw new TypeError('no introduction');
    const { publicKey } = line;
    const id = nodeId(parseRawPublicKey(Buffer.from(publicKey, 'hex')));
    this.#report?.({ type, publicKey, id });
  }

  #takeFirst(line: Line): void {
    if (line.type === 'hello') this.#report?.({ type: 'hello.received', hello: line.hello });
    else if (line.type === 'frame' && line.code === DISCONNECT)
      this.#report?.({ type: 'disconnect.received', ...decodeDisconnect(payloadOf(line)) });
  }

  #routeNext(): void {
    this.#next((line) => {
      if (line.type !== 'frame') throw new TypeError('no frame');
      const payload = payloadOf(line);
      const frame = { code: line.code, payload, wireBytes: payload.length };
      this.#router?.route(frame);
      if (!this.#router?.isReadingStopped && !this.#take) this.#routeNext(); // unless told to leave
    });
  }

  #leave(reason: DisconnectReason | null): void {
    if (reason) this.#sayFrame(DISCONNECT, encodeDisconnect(reason));
    this.#take = () => {};
    this.#options.stream.duplex.end();
  }

  #sayFrame(code: number, payload: Uint8Array): void {
    this.#say({ type: 'frame', code, payload: Buffer.from(payload).toString('hex') });
  }

  #say(line: Line): void {
    const { duplex } = this.#options.stream;
    if (duplex.writable) duplex.write(`${JSON.stringify(line)}\n`);
  }

  #next(take: (line: Line) => void): void {
    this.#take = take;
    this.#serve();
  }

  #serve(): void {
    while (this.#take && this.#heard.length > 0) {
      const take = this.#take;
      this.#take = null;
      take(this.#heard.shift()!);
    }
  }

  readonly #onData = (chunk: Uint8Array): void => {
    const lines = (this.#rest + Buffer.from(chunk).toString()).split('\n');
    this.#rest = lines.pop()!;
    this.#heard.push(...lines.map((line) => JSON.parse(line) as Line));
    this.#serve();
  };

  readonly #onClose = (): void => {
    this.#isEnded = true;
    this.#report?.(CLOSED);
  };
}

const CLOSED = { type: 'link.closed', how: 'closed', detail: '' } as const;

const payloadOf = ({ payload }: Extract<Line, { type: 'frame' }>): Uint8Array =>
  new Uint8Array(Buffer.from(payload, 'hex'));

export const plainTransport: Transport = (options) => new PlainLink(options);
