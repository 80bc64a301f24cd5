/** An inspector: a recorder of a server's charts, and the web site that shows it to whoever has its link. */
import { type Endpoint, formatEndpoint } from '../io/actors/byte-stream.ts';
import { systemRandom } from '../io/crypto/primitives.ts';
import { DEFAULTS } from '../options.ts';
import { ServerError } from '../server-error.ts';
import { checkInspectOptions, type InspectOptions } from './inspector-options.ts';
import { Lifecycle } from './lifecycle.ts';
import { type LoopDelay, loopDelay } from './loop-delay.ts';
import { quietClock } from './quiet-clock.ts';
import { Recorder } from './recorder.ts';
import { openSite, type SitePorts } from './site.ts';
import { Streams } from './streams.ts';
import type { Subject } from './subject.ts';
import { wallTime } from './wall-time.ts';

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

/** The outside world, to be replaced by tests. */
export type InspectorPorts = SitePorts & { readonly loopDelay: LoopDelay };

/**
 * @throws {TypeError} Names each option that is wrong. Rejects with a `ServerError`, `inspectFailed`, when it cannot
 * listen.
 */
export async function openInspector(
  subject: Subject,
  options: InspectOptions = {},
  ports: Partial<InspectorPorts> = {},
): Promise<Inspector> {
  const { actions, mask: masked, onLink, ...where } = checkInspectOptions(options);
  const { server, inspection, clock } = subject;
  const onFault = (error: unknown): void => subject.onFault(error, 'the inspector');
  const recorder = new Recorder({
    clock,
    about: {
      peerchart: DEFAULTS.name.slice('peerchart/'.length),
      began: wallTime(),
      node: server.self.enode,
      source: 'live',
      masked,
    },
  });
  const streams = new Streams({
    source: recorder,
    actions,
    clock: ports.clock ?? quietClock,
    random: ports.random ?? systemRandom,
    loopDelay: ports.loopDelay ?? loopDelay(),
    onFault,
  });
  let link = '';
  const tell = (newLink: string): void => {
    link = newLink;
    onLink?.(newLink);
  };
  const site = await openSite(
    { source: 'live', frames: recorder, streams, target: actions ? server : null },
    { ...where, onLink: onLink && tell, onFault },
    ports,
  ).catch((error: unknown) => {
    throw cannotListen(where, error);
  });
  link = site.newLink();
  const unwatch = inspection.watch(new Lifecycle(recorder));
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= site.close().finally(unwatch);
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

function cannotListen(where: Endpoint, error: unknown): ServerError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const place = formatEndpoint(where);
  const why = message.includes(code) ? message : `${code}: ${message}`;
  return new ServerError('inspectFailed', `the inspector cannot listen on ${place}: ${why}`);
}
