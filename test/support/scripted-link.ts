/**
 * A link without a stream: it reports what the script says, and checks every command of its machines.
 * These are the parts of the invariants 7, 8 and 9 that charts decide. What becomes of a command in bytes is the business
 * of the real link: see `link-stage.ts`.
 */
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import type { Link, LinkReport } from '../../src/io/link/link.ts';
import type { LinkCommand, PeerLinkEvent, SetupLinkEvent } from '../../src/io/link/link-events.ts';
import type { Port, PortPlace } from '../../src/io/link/protocol-port.ts';
import type { WireFault } from '../../src/io/wire/error.ts';
import type { Direction } from '../../src/machines/connection/connection.ts';
import { REJECTIONS } from '../../src/machines/connection/connection-endings.ts';
import { PEER_REJECTIONS } from '../../src/machines/peer/peer-endings.ts';

export type LinkEvent = SetupLinkEvent | PeerLinkEvent;

/** How far it is; a Disconnect is impossible before `keys`, plain up to `hello`, and compressed from there on. */
const PHASES = ['none', 'keys', 'hello', 'routing'] as const;
type Phase = (typeof PHASES)[number];

/** When each command makes sense, and which event answers it. */
const STEPS: Partial<Record<LinkCommand['type'], readonly [Phase, LinkEvent['type'] | null]>> = {
  'send.auth': ['none', 'auth.sent'],
  'await.ack': ['none', 'ack.received'],
  'await.auth': ['none', 'auth.queued'],
  'process.auth': ['none', 'auth.received'],
  'send.ack': ['none', 'ack.sent'],
  'send.hello': ['keys', null],
  'await.hello': ['keys', 'hello.received'],
  'start.routing': ['hello', null],
  'send.ping': ['routing', 'pong.received'],
};

/** Where they lead. */
const LEADS_TO: Partial<Record<LinkEvent['type'], Phase>> = {
  'ack.sent': 'keys',
  'ack.received': 'keys',
  'hello.received': 'hello',
};

/** After these no message can be sent: the stream is closed, or the frames are out of step. */
const BREAKS: readonly LinkEvent['type'][] = ['link.closed', 'link.stalled', 'link.faulted'];
export const BREAKING_FAULTS: readonly WireFault[] = ['badHeaderMac', 'badFrameMac'];
export const HANDSHAKE_FAULTS: readonly WireFault[] = [
  'handshakeSizeOutOfRange',
  'invalidPublicKey',
  'undecryptable',
  'malformedHandshake',
  'replayedAuth',
];

export type ScriptedLinkHooks = {
  readonly fail: (sentence: string) => void;
  /** Its connection is a peer from now on. */
  readonly onAdmitted: (link: ScriptedLink) => void;
};

export class ScriptedLink implements Link {
  readonly connectionId: string;
  readonly direction: Direction;
  readonly stream: ByteStream;
  /** Proven, or dialled; empty before that. */
  id: string;
  phase: Phase = 'none';
  /** Answers the last command; null when it was told nothing that has an answer. */
  awaited: LinkEvent['type'] | null = null;
  /** The command that ended it: `hang.up`, or the reason of a Disconnect. */
  lastCommand: string | null = null;
  saidHello = false;
  isPinged = false;
  isClosed = false;
  isReleased = false;
  ports: readonly ScriptedPort[] | null = null;
  readonly #hooks: ScriptedLinkHooks;
  #report: LinkReport | null = null;
  /** A write that is not done, or a ping without a pong. */
  #outstanding: LinkCommand['type'] | null = null;
  /** They said Disconnect. */
  #wasLeft = false;
  /** Why nothing may be said any more. */
  #over: string | null = null;

  constructor(
    connection: Pick<ScriptedLink, 'connectionId' | 'direction' | 'stream' | 'id'>,
    hooks: ScriptedLinkHooks,
  ) {
    this.connectionId = connection.connectionId;
    this.direction = connection.direction;
    this.stream = connection.stream;
    this.id = connection.id;
    this.#hooks = hooks;
  }

  // What machines and their owners tell it.

  attach(report: LinkReport): void {
    this.#report = report;
    if (this.isClosed) report(CLOSED);
  }

  detach(report: LinkReport): void {
    if (this.#report === report) this.#report = null;
  }

  command(command: LinkCommand): void {
    const { type } = command;
    const isGoodbye = type === 'send.disconnect' || type === 'hang.up';
    if (this.lastCommand) this.#wrong(isGoodbye ? 8 : 9, `${type} after ${this.lastCommand}`);
    else if (this.#over) this.#wrong(9, `${type} after ${this.#over}`);
    else if (this.#wasLeft && type !== 'hang.up')
      this.#wrong(8, `${type} answers their Disconnect`);
    if (type.startsWith('send.') && this.#outstanding && !isGoodbye)
      this.#wrong(7, `${type} while ${this.#outstanding} is not done`);
    if (command.type === 'send.disconnect') this.#judgeReason(command.reason);
    if (isGoodbye) {
      this.lastCommand = command.type === 'send.disconnect' ? command.reason : type;
      this.awaited = null;
      return;
    }
    this.#step(type);
  }

  openPorts(places: readonly PortPlace[]): readonly Port[] {
    this.ports = places.map((place) => new ScriptedPort(place));
    this.#hooks.onAdmitted(this);
    return this.ports;
  }

  closePorts(reason: Error): void {
    for (const port of this.ports ?? []) port.abort.abort(reason);
  }

  /** Its owner names the state in which it ended, and the last command must fit. */
  release({ message }: Error): void {
    if (this.isReleased) this.#wrong(9, 'it is released twice');
    this.isReleased = true;
    this.closePorts(new Error(message));
    const [, state = ''] = message.split(': ');
    if (state.endsWith('.internalError')) return; // it may have been cut off anywhere
    const expected = expectedCommandOf(state);
    if (this.lastCommand !== expected)
      this.#wrong(8, `${state} said ${this.lastCommand}, not ${expected}`);
  }

  toJSON(): string {
    return '[scripted link]';
  }

  // What the script does with it.

  /** In setup, or a peer. */
  get isAlive(): boolean {
    return !this.isReleased;
  }

  get isInSetup(): boolean {
    return this.isAlive && this.ports === null;
  }

  /** A real link reads nothing after its Disconnect, and reports nothing after the end of its stream. */
  report(event: LinkEvent): void {
    const { type } = event;
    if (this.isReleased || this.isClosed) return;
    if (this.lastCommand && !BREAKS.includes(type)) return;
    if (type === this.awaited) this.awaited = null;
    if (type === 'auth.sent' || type === 'ack.sent' || type.startsWith('pong.'))
      this.#outstanding = null;
    if ('id' in event) this.id = event.id;
    this.phase = LEADS_TO[type] ?? this.phase;
    this.#wasLeft ||= type === 'disconnect.received';
    this.isClosed ||= type === 'link.closed';
    const breaks =
      BREAKS.includes(type) ||
      (event.type === 'link.garbled' &&
        [...BREAKING_FAULTS, ...HANDSHAKE_FAULTS].includes(event.fault));
    if (breaks) this.#over ??= type;
    this.#report?.(event);
  }

  /** A handler sends something. */
  say(): void {
    const isOver = this.lastCommand ?? this.#over ?? (this.#wasLeft ? 'their Disconnect' : null);
    for (const port of this.ports ?? [])
      if (port.tell() && isOver) this.#wrong(9, `a message of ${port.name} after ${isOver}`);
  }

  /** What has to be true whenever everything rests. */
  check(): void {
    const isOver = this.lastCommand !== null || this.#over !== null || this.#wasLeft;
    const isOpen = this.ports?.some(({ signal }) => !signal.aborted) ?? false;
    if (isOver && isOpen) this.#wrong(9, 'its handlers may still send');
    if (this.isAlive && !this.#report) this.#wrong(10, 'it has no driver');
  }

  #step(type: LinkCommand['type']): void {
    const [phase, answer] = STEPS[type] ?? [null, null];
    if (phase !== this.phase) this.#wrong(8, `${type} in phase ${this.phase}`);
    if (type === 'send.auth' || type === 'send.ack' || type === 'send.ping')
      this.#outstanding = type;
    if (type === 'send.hello') this.saidHello = true;
    if (type === 'send.ping') this.isPinged = true;
    if (type === 'start.routing') this.phase = 'routing';
    if (answer) this.awaited = answer;
  }

  #judgeReason(reason: string): void {
    if (this.phase === 'none') this.#wrong(8, `Disconnect (${reason}) before there are keys`);
    if (reason === 'networkError') this.#wrong(9, 'a network error is written');
  }

  #wrong(invariant: number, what: string): void {
    this.#hooks.fail(`${invariant}: connection ${this.connectionId}: ${what}`);
  }
}

/** What a handler holds. Nothing ever comes. */
class ScriptedPort implements Port {
  readonly name: string;
  readonly version: number;
  readonly abort = new AbortController();

  constructor({ name, version }: PortPlace) {
    this.name = name;
    this.version = version;
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** @returns whether it would be sent. */
  tell(): boolean {
    return !this.signal.aborted;
  }

  async send(): Promise<void> {
    this.signal.throwIfAborted();
  }

  async *[Symbol.asyncIterator]() {}
}

/** The last command of a connection that ended in this state; null when it has none. */
function expectedCommandOf(state: string): string | null {
  const leaf = state.split('.').at(-1) ?? '';
  if (state.startsWith('rejected.')) return REJECTIONS[leaf as keyof typeof REJECTIONS].wireReason;
  if (state.startsWith('ending.rejected.'))
    return PEER_REJECTIONS[leaf as keyof typeof PEER_REJECTIONS].wireReason;
  return /^(refused|ending\.refused)\./.test(state) ? 'hang.up' : null;
}

const CLOSED: LinkEvent = { type: 'link.closed', how: 'closed', detail: '' };
