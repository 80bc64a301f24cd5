/** A site on loopback with a made-up server behind it, and ways to ask it things that no browser would. */
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Frame, FrameSource, Viewer } from '../../../src/inspect/protocol.ts';
import type { ActionTarget } from '../../../src/inspect/web/actions.ts';
import type { Assets } from '../../../src/inspect/web/assets.ts';
import { EventStreams } from '../../../src/inspect/web/event-streams.ts';
import type { LoopDelay } from '../../../src/inspect/web/loop-delay.ts';
import {
  openPageServer,
  type PageServer,
  type PageServerPorts,
} from '../../../src/inspect/web/page-server.ts';
import { seededRandom } from '../../support/crypto.ts';
import { LOOPBACK } from '../../support/loopback.ts';
import { StepClock } from '../../support/step-clock.ts';

/** In every answer that needs a session. */
export const SECRET = 'only with a session';

/** The page, which has no data and needs no session. */
export const PAGE = 'the page';

/** A source whose frames are told by the test. */
export class FakeSource implements FrameSource {
  /** Those that are open, in their order. */
  readonly viewers: FakeViewer[] = [];
  /** For every viewer, again and again; null: nothing changed. */
  frame: Omit<Frame, 'hz'> | null = { t: 1, names: [SECRET] };

  open({ actions }: { readonly actions: boolean }): Viewer {
    const viewer = new FakeViewer(this, actions);
    this.viewers.push(viewer);
    return viewer;
  }
}

export class FakeViewer implements Viewer {
  readonly #source: FakeSource;
  readonly actions: boolean;
  focused: readonly number[] = [];
  asked = 0;

  constructor(source: FakeSource, actions: boolean) {
    this.#source = source;
    this.actions = actions;
  }

  focus(actors: readonly number[]): void {
    this.focused = actors;
  }

  next(hz: number): Frame | null {
    this.asked += 1;
    return this.#source.frame && { ...this.#source.frame, hz };
  }

  close(): void {
    this.#source.viewers.splice(this.#source.viewers.indexOf(this), 1);
  }
}

/** An event loop that is as late as a test says. */
export class FakeLoopDelay implements LoopDelay {
  ms = 0;
  runs = false;

  start(): void {
    this.runs = true;
  }

  stop(): void {
    this.runs = false;
  }

  take(): number {
    return this.ms;
  }
}

export const SOME_ASSETS: Assets = new Map([
  ['/', { type: 'text/html; charset=utf-8', bytes: bytesOf(PAGE), gzipped: bytesOf('zipped') }],
]);

export type SomeSite = {
  readonly site: PageServer;
  readonly port: number;
  readonly clock: StepClock;
  readonly source: FakeSource;
  readonly streams: EventStreams;
  readonly loopDelay: FakeLoopDelay;
  /** What was reported as mistakes of ours. */
  readonly faults: unknown[];
  /** Made for visits without a valid code. */
  readonly links: string[];
  ask(path: string, options?: Ask): Promise<Answer>;
  /** @returns the token of a new session. */
  signIn(): Promise<string>;
  /** A stream whose answer has begun. */
  watch(path?: string, token?: string): Promise<IncomingMessage>;
  /** A connection on which anything can be said. */
  connect(): Socket;
};

export type SomeSiteOptions = Partial<PageServerPorts> & {
  readonly target?: ActionTarget;
  readonly hostNames?: readonly string[];
  readonly hasNoListener?: boolean;
};

export type Ask = {
  readonly method?: string;
  /** Names and values in turn; Host and Connection are added unless they are there. */
  readonly headers?: readonly string[];
  /** Sent as the header of a session. */
  readonly token?: string | undefined;
  /** Where it listens. */
  readonly at?: string;
  readonly body?: string | Uint8Array;
};

export type Answer = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

/** Closed when the test is over. */
export async function someSite(options: SomeSiteOptions = {}): Promise<SomeSite> {
  const { target = null, hostNames = [], hasNoListener = false, ...ports } = options;
  const clock = new StepClock();
  const random = seededRandom('some site');
  const source = new FakeSource();
  const loopDelay = new FakeLoopDelay();
  const faults: unknown[] = [];
  const links: string[] = [];
  const onFault = (error: unknown): void => void faults.push(error);
  const actions = target !== null;
  const streams = new EventStreams({ source, actions, clock, random, loopDelay, onFault });
  const site = await openPageServer(
    { source: 'live', frames: source, streams, target },
    {
      host: LOOPBACK,
      port: 0,
      hostNames,
      onLink: hasNoListener ? undefined : (link) => void links.push(link),
      onFault,
    },
    { clock, random, assets: SOME_ASSETS, ...ports },
  );
  onTestFinished(() => site.close());
  const port = Number(new URL(site.address).port);
  const ask = (path: string, asked: Ask = {}): Promise<Answer> => askAt(port, path, asked);
  const signIn = async (): Promise<string> => {
    return (await signInAt(port, site.newLink())).token!;
  };
  return {
    ...{ site, port, clock, source, streams, loopDelay, faults, links, ask, signIn },
    watch: async (path = '/api/stream', token) => watchAt(port, path, token ?? (await signIn())),
    connect: () => {
      const socket = connect(port, LOOPBACK).on('error', () => {});
      onTestFinished(() => void socket.destroy());
      return socket;
    },
  };
}

export async function askAt(port: number, path: string, asked: Ask = {}): Promise<Answer> {
  const response = await answerTo(port, path, asked);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { statusCode: status = 0, headers } = response;
  return { status, headers, body: Buffer.concat(chunks).toString('utf8') };
}

/** Sends the code of a link, as the page does. */
export async function signInAt(
  port: number,
  link: string,
  asked: Ask = {},
): Promise<{
  readonly status: number;
  readonly token?: string;
  readonly actions?: boolean;
  readonly error?: string;
}> {
  const code = new URL(link).searchParams.get('code');
  const headers = ['Content-Type', 'application/json', ...(asked.headers ?? [])];
  const body = JSON.stringify(code === null ? {} : { code });
  const answer = await askAt(port, '/api/session', { method: 'POST', body, ...asked, headers });
  return { status: answer.status, ...JSON.parse(answer.body) };
}

export async function watchAt(port: number, path: string, token: string): Promise<IncomingMessage> {
  const response = await answerTo(port, path, { token });
  onTestFinished(() => void response.destroy());
  return response.setEncoding('utf8');
}

function answerTo(
  port: number,
  path: string,
  { method = 'GET', headers = [], token, body, at: host = LOOPBACK }: Ask,
): Promise<IncomingMessage> {
  const all = [...headers, ...(token === undefined ? [] : ['x-peerchart-token', token])];
  const hasHost = all.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  return new Promise((resolve, reject) => {
    const sent = request({
      ...{ host, port, path: path.startsWith('/') ? path : `/${path}`, method },
      agent: new Agent({ keepAlive: false }),
      headers: [
        ...(hasHost ? [] : ['Host', `${LOOPBACK}:${port}`]),
        ...all,
        ...(body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))]),
      ],
    });
    sent.once('response', resolve).once('error', reject).end(body);
  });
}

/** Events of a stream, one by one: their fields, of comments the text after the colon. */
export async function* eventsOf(stream: IncomingMessage): AsyncGenerator<Record<string, string>> {
  let text = '';
  for await (const chunk of stream) {
    const parts = (text + (chunk as string)).split('\n\n');
    text = parts.pop()!;
    for (const part of parts)
      yield Object.fromEntries(part.split('\n').map((line) => line.split(/: (.*)/s, 2)));
  }
}

/** All that comes on a connection until it is closed. */
export function textUntilClose(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve) => void socket.once('close', () => resolve(text)));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text));
}
