/** An inspector: a recorder attached to a server, and the HTTP server with the page that shows it. */

import { Lifecycle } from '../actors/lifecycle.ts';
import { ServerError } from '../api/server-error.ts';
import type { ServerEvent } from '../api/server-events.ts';
import { callUser } from '../api/user-call.ts';
import { VERSION } from '../api/version.ts';
import { primitivesText } from '../io/crypto/primitive-sets.ts';
import { systemRandom } from '../io/crypto/primitives.ts';
import { wallTime } from '../io/process/wall-time.ts';
import { type Endpoint, formatEndpoint } from '../io/wire/endpoint.ts';
import type { Observation } from '../server/observation.ts';
import type { Server } from '../server.ts';
import { unrefClock } from '../web/unref-clock.ts';
import { checkInspectOptions, type InspectOptions } from './inspector-options.ts';
import { type LatestLink, PageHandle } from './page-handle.ts';
import { endingOf } from './recorder/endings.ts';
import { Recorder } from './recorder/recorder.ts';
import { ServerViews } from './recorder/views.ts';
import { learnHosts, learning } from './recording/host-learning.ts';
import { createMask, type Mask, NO_MASK } from './recording/mask.ts';
import { EventStreams } from './web/event-streams.ts';
import { type LoopDelay, loopDelay } from './web/loop-delay.ts';
import { maskedSource } from './web/masked-source.ts';
import { openPageServer, type PageServerPorts } from './web/page-server.ts';

export type { InspectOptions } from './inspector-options.ts';

/** Does not keep the process running, and closes with its server. Closed, it holds nothing of what it showed. */
export type Inspector = AsyncDisposable & {
  /** Such as `http://127.0.0.1:40123`. Only a link opens it. */
  readonly address: string;
  /** The latest link. */
  readonly link: string;
  /** Single use, expires in 60 s. The session it opens lasts until 12 h after its last request. */
  newLink(): string;
  /** Ends every session: open pages then need a new link. */
  endSessions(): void;
  /** Sends each viewer a last frame. May be called again. */
  close(): Promise<void>;
};

/** Length of the one-time masking key; never stored. */
const MASK_KEY_BYTES = 32;

/** Clock, randomness and files; tests replace them. */
export type InspectorPorts = PageServerPorts & {
  readonly loopDelay: LoopDelay;
  /** See `About`. */
  readonly label: string;
};

/**
 * Shows every chart of a server, started or not, in browsers that open its link. Closes with the server.
 * @throws {TypeError} Names each option that is wrong. @throws {ServerError} `inspectFailed` when it cannot listen,
 * `stopped`.
 */
export const inspect = (server: Server, options: InspectOptions = {}): Promise<Inspector> =>
  server.attach((observation) => openInspector(observation, options));

/** The same for an observation, with other ports. */
export async function openInspector(
  observation: Observation,
  options: InspectOptions = {},
  ports: Partial<InspectorPorts> = {},
): Promise<Inspector> {
  const { actions, mask: masked, onLink, ...where } = checkInspectOptions(options);
  const { server, clock } = observation;
  const onFault = (error: unknown): void => observation.onFault(error, 'the inspector');
  const recorder = new Recorder({
    clock,
    about: {
      peerchart: VERSION,
      startedAt: wallTime(),
      node: server.self.enode,
      primitives: primitivesText(server.self.primitives),
      source: 'live',
      masked,
      ...(ports.label !== undefined && { label: ports.label }),
    },
  });
  const random = ports.random ?? systemRandom;
  const mask = masked ? createMask(random(MASK_KEY_BYTES), server.self.id) : NO_MASK;
  const source = masked ? maskedSource(recorder, mask) : recorder;
  const streams = new EventStreams({
    ...{ source, actions, random },
    clock: ports.clock ?? unrefClock,
    loopDelay: ports.loopDelay ?? loopDelay(),
    onFault,
  });
  const latest: LatestLink = { value: '' };
  const reportLink = (newLink: string): void => {
    latest.value = newLink;
    callUser(() => onLink?.(newLink), onFault);
  };
  const pageServer = await openPageServer(
    { source: 'live', frames: source, streams, target: actions ? server : null },
    { ...where, onLink: onLink && reportLink, onFault },
    ports,
  ).catch((error: unknown) => {
    throw cannotListen(where, error);
  });
  const endObserving = observe(observation, recorder, { mask, loopDelay: () => streams.loopDelay });
  const end = (): void => {
    endObserving();
    observation.onClosed();
  };
  return new PageHandle({ pageServer, end }, latest);
}

/** Feeds the recorder. @returns a function that ends it. */
function observe(
  observation: Observation,
  recorder: Recorder,
  { mask, loopDelay }: { readonly mask: Mask; readonly loopDelay: () => number },
): () => void {
  const { server, inspection } = observation;
  const onPhase = (): void => recorder.expireViews();
  const views = new ServerViews({ ...observation, loopDelay, onPhase });
  recorder.setViews(() => views.read());
  recorder.setDiagnosis(() => views.diagnosis());
  const addEnding = (event: ServerEvent): void => {
    learnHosts(event, mask);
    const ending = endingOf(event);
    if (ending) recorder.addEnding(ending);
  };
  const ends = [
    inspection.watch(new Lifecycle(learning(recorder, mask))),
    server.on('drop', addEnding),
    server.on('ended', addEnding),
    server.on('dialFailed', addEnding),
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
