/** An inspector: a recorder of a server's charts, and the web site that shows it to whoever has its link. */

import { Lifecycle } from '../actors/lifecycle.ts';
import { ServerError } from '../api/server-error.ts';
import type { ServerEvent } from '../api/server-events.ts';
import { VERSION } from '../api/version.ts';
import { systemRandom } from '../io/crypto/primitives.ts';
import { type Endpoint, formatEndpoint } from '../io/wire/endpoint.ts';
import type { Observation } from '../server/observation.ts';
import type { Server } from '../server.ts';
import { checkInspectOptions, type InspectOptions } from './inspector-options.ts';
import { endingOf } from './recorder/endings.ts';
import { Recorder } from './recorder/recorder.ts';
import { ServerViews } from './recorder/views.ts';
import { maskOf } from './recording/mask.ts';
import { wallTime } from './wall-time.ts';
import { EventStreams } from './web/event-streams.ts';
import { type LoopDelay, loopDelay } from './web/loop-delay.ts';
import { maskedSource } from './web/masked-source.ts';
import { openPageServer, type PageServerPorts } from './web/page-server.ts';
import { unrefClock } from './web/unref-clock.ts';

export type { InspectOptions } from './inspector-options.ts';

/** It keeps no process awake, and closes with its server. */
export type Inspector = AsyncDisposable & {
  /** Such as `http://127.0.0.1:40123`. It takes a link to come in. */
  readonly address: string;
  /** The latest one that was made. */
  readonly link: string;
  /** A link is good once, and for 60 s; whoever came in by one stays in. */
  newLink(): string;
  /** Sends everybody a last frame. May be called again. */
  close(): Promise<void>;
};

/** Of what stand-ins are made by, where addresses are hidden. Nobody keeps it. */
const MASK_KEY_BYTES = 32;

/** The outside world, to be replaced by tests. */
export type InspectorPorts = PageServerPorts & { readonly loopDelay: LoopDelay };

/**
 * Shows every chart of a server, started or not, to browsers that have the link. Closes with the server.
 * @throws {TypeError} Names each option that is wrong. @throws {ServerError} `inspectFailed` when it cannot listen,
 * `stopped`.
 */
export const inspect = (server: Server, options: InspectOptions = {}): Promise<Inspector> =>
  server.attach((observation) => openInspector(observation, options));

/** The same for an observation, with the outside world given. */
export async function openInspector(
  subject: Observation,
  options: InspectOptions = {},
  ports: Partial<InspectorPorts> = {},
): Promise<Inspector> {
  const { actions, mask: masked, onLink, ...where } = checkInspectOptions(options);
  const { server, clock } = subject;
  const onFault = (error: unknown): void => subject.onFault(error, 'the inspector');
  const recorder = new Recorder({
    clock,
    about: {
      peerchart: VERSION,
      startedAt: wallTime(),
      node: server.self.enode,
      source: 'live',
      masked,
    },
  });
  const random = ports.random ?? systemRandom;
  const mask = maskOf(random(MASK_KEY_BYTES), server.self.id);
  const source = masked ? maskedSource(recorder, mask) : recorder;
  const streams = new EventStreams({
    ...{ source, actions, random },
    clock: ports.clock ?? unrefClock,
    loopDelay: ports.loopDelay ?? loopDelay(),
    onFault,
  });
  let link = '';
  const tell = (newLink: string): void => {
    link = newLink;
    try {
      onLink?.(newLink);
    } catch (error) {
      onFault(error);
    }
  };
  const site = await openPageServer(
    { source: 'live', frames: source, streams, target: actions ? server : null },
    { ...where, onLink: onLink && tell, onFault },
    ports,
  ).catch((error: unknown) => {
    throw cannotListen(where, error);
  });
  link = site.newLink();
  const lookAway = look(subject, recorder, () => streams.loopDelay);
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= site.close().finally(lookAway);
    return closing;
  };
  return {
    address: site.address,
    get link() {
      return link;
    },
    newLink: () => {
      link = site.newLink();
      return link;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** From here on the recorder hears of everything. @returns a function that ends it. */
function look(subject: Observation, recorder: Recorder, loopDelay: () => number): () => void {
  const { server, inspection } = subject;
  const views = new ServerViews({ ...subject, loopDelay });
  recorder.setViews(() => views.read());
  const tell = (event: ServerEvent): void => {
    const ending = endingOf(event);
    if (ending) recorder.addEnding(ending);
  };
  const ends = [
    inspection.watch(new Lifecycle(recorder)),
    server.on('drop', tell),
    server.on('ended', tell),
    server.on('dialFailed', tell),
    () => views.close(),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function cannotListen(where: Endpoint, error: unknown): ServerError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const place = formatEndpoint(where);
  const why = message.includes(code) ? message : `${code}: ${message}`;
  return new ServerError('inspectFailed', `the inspector cannot listen on ${place}: ${why}`);
}
