/** `peerchart run`: runs a node and prints its events, until the signal of the terminal. */
import { once } from 'node:events';
import type { Logger } from 'pino';
import { pino } from 'pino';
import { NodeError } from '../api/node-error.ts';
import type { Ports } from '../api/options.ts';
import type { Protocol } from '../api/protocol.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { InspectOptions } from '../inspect/inspector-options.ts';
import type { Recording } from '../inspect/recording/server-recording.ts';
import { parseNode } from '../io/crypto/node.ts';
import { systemClock } from '../io/process/clock.ts';
import { thrownText } from '../io/process/thrown.ts';
import { unixTimeMs } from '../io/process/wall-time.ts';
import { printable } from '../io/wire/printable.ts';
import type { NodeOptions, NodeServerOptions } from '../node/node-options.ts';
import { Node } from '../node.ts';
import type { EchoHooks } from '../protocols/echo.ts';
import { echo } from '../protocols/echo.ts';
import { eth } from '../protocols/eth.ts';
import type { Network } from '../protocols/networks.ts';
import type { Server } from '../server.ts';
import { defined } from './defined.ts';
import { CommandError, isUserError } from './error.ts';
import { candidateFilterOf, headOf } from './network-option.ts';
import { DEFAULT_OFFER, type Offer, offeredProtocol } from './offered-protocols.ts';
import { stopInTime } from './orderly-stop.ts';
import type { RunReport } from './report.ts';
import { labelOf, messageShown, started } from './report.ts';
import { type ApiLinks, type ApiSettings, apisOf } from './run-apis.ts';
import { exposureOf, openRunInspector } from './run-inspector.ts';
import type { RunPublisher } from './run-publisher.ts';
import { reportServer } from './server-reports.ts';
import { INTERRUPTED, type Terminal } from './terminal.ts';
import { reportWriter } from './timed-reports.ts';

/** Period of a timer that only keeps the process running, in ms. Ours. */
const AWAKE_MS = 3_600_000;

/** Longest line on stderr, in UTF-16 units. */
const MAX_CHARS = 1_000;

export type RunOptions = ApiSettings &
  Pick<NodeOptions, 'allowReadableKey' | 'identity' | 'networkId'> & {
    /** The chain of which eth is spoken; nodes of other chains are not dialled. */
    readonly network?: Network;
    /** Passed to the node unchanged. */
    readonly server: Omit<NodeServerOptions, 'nodeKey' | 'protocols' | 'logger' | 'ports'>;
    /** Created when it is missing; without one, and without a data directory, each run has a new key. */
    readonly nodekey?: string;
    /**
     * Capabilities in our Hello whose messages are read and ignored. Default: eth is spoken with a network; otherwise the
     * capabilities of Ethereum nodes, or none with `echo/1`.
     */
    readonly offer?: readonly Offer[];
    /** Speak `echo/1`, and print its messages. */
    readonly echo?: boolean;
    /** Sent to every peer. */
    readonly say?: string;
    /** Opens an inspector with these options, before the start. */
    readonly inspector?: Pick<InspectOptions, 'port' | 'host' | 'actions'>;
    readonly json?: boolean;
    /** Path of a new file for a recording that begins before the start. */
    readonly record?: string;
    readonly recordMask?: boolean;
    /** URL of a NATS server that gets the events of the node. */
    readonly publish?: string;
    readonly logLevel: string;
  };

/** What was opened for a node; the node closes it. */
type Opened = {
  recording: Recording | null;
  inspector: Inspector | null;
  readonly links: ApiLinks;
};

/**
 * Runs until the signal of the terminal.
 * @returns The exit code: 1 when something did not stop as it should, 130 when the signal came before the node ran.
 * @throws {CommandError} An option is wrong, or the node ended by itself. @throws {NodeError} @throws {KeyFileError}
 * @throws {ServerError} `startFailed`, `inspectFailed`. @throws {RecordingError} The file cannot be created.
 */
export async function run(
  options: RunOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  const { signal, stderr } = terminal;
  const clock = ports.clock ?? systemClock;
  const writer = reportWriter(options, terminal, clock);
  const early: RunReport[] = [];
  let show = (report: RunReport): void => void early.push(report); // printed after `started`
  const logger = pino({ level: 'silent' }, stderr);
  const say = (text: string): void =>
    void stderr.write(`peerchart: ${printable(text, MAX_CHARS)}\n`);
  const opened: Opened = { recording: null, inspector: null, links: {} };
  const node = createNode(options, { logger, ports, show: (report) => show(report), say, opened });
  const stop = (): Promise<number> => stopInTime(node, { clock, terminal, say });
  if (!(await startNode(node, signal, stop))) return INTERRUPTED;

  logger.level = options.logLevel; // from here on: a failed start is reported once, by the error
  const self = (node.server as Server).self; // there is one: it runs
  const publisher = await publisherOf(options, self.id, terminal, say);
  show = (report) => {
    writer.write(report);
    publisher?.push(report);
  };
  for (const report of [
    started(self, { ...opened.links, ...defined({ inspect: opened.inspector?.link }) }),
    ...early,
  ])
    show(report);
  for (const note of node.notes) say(note);
  if (namesUs(options.server, self.id)) say(OWN_ENODE);
  if (options.inspector) stderr.write(exposureOf(options.inspector));

  const awake = setInterval(() => {}, AWAKE_MS); // or Node would exit when the listener is lost and there is no peer
  const ended = endOf(node);
  if (!signal.aborted) await Promise.race([once(signal, 'abort'), ended]);
  clearInterval(awake);
  show({ type: 'stopping' });
  const why = opened.recording?.why ?? 'closed'; // read before the stop closes it
  const code = await stop();
  if (why !== 'closed') say(RECORDING_ENDED[why]);
  show({ type: 'stopped' });
  await publisher?.close();
  if (!signal.aborted) throw await ended;
  return code;
}

async function publisherOf(
  { publish: url }: RunOptions,
  node: string,
  { wallTime }: Terminal,
  say: (text: string) => void,
): Promise<RunPublisher | null> {
  if (url === undefined) return null;
  const { runPublisher } = await import('./run-publisher.ts');
  return runPublisher({ url, node, wallTime, say });
}

async function recordingOf(
  server: Server,
  { record: path, recordMask: mask = false }: RunOptions,
): Promise<Recording | null> {
  if (path === undefined) return null;
  const { record } = await import('../inspect/recording/server-recording.ts');
  return record(server, path, { mask });
}

/** A line of its own: the logger is silent while the server starts and leaves it out. */
const OWN_ENODE = 'our own enode among the nodes is left out: a node does not dial itself';

const namesUs = (
  { staticNodes = [], bootnodes = [], trustedNodes = [] }: RunOptions['server'],
  id: string,
): boolean =>
  [...staticNodes, ...bootnodes, ...trustedNodes].some((given) => parseNode(given).id === id);

const RECORDING_ENDED = {
  full: 'the recording ended early: the file was full',
  failed: 'the recording ended early: the disk is full, or too slow',
} as const;

/** False when the signal came first: then nothing runs. */
async function startNode(
  node: Node,
  signal: AbortSignal,
  stop: () => Promise<number>,
): Promise<boolean> {
  const onAbort = (): void => void stop();
  if (signal.aborted) return false;
  signal.addEventListener('abort', onAbort);
  try {
    await node.start();
    return true;
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    if (error.kind === 'stopped') return false;
    throw isUserError(error.cause) ? error.cause : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** When the node ends, with why it did when nothing stopped it. */
const endOf = (node: Node): Promise<CommandError> =>
  new Promise((resolve) => {
    const end = (why: string): void => resolve(new CommandError(why));
    node.actor.on('stopped', ({ stopFaults }) =>
      end(stopFaults.map(({ message }) => message).join('; ')),
    );
    node.actor.subscribe({ error: (error) => end(thrownText(error)) });
  });

type RunPorts = {
  readonly logger: Logger;
  readonly ports: Partial<Ports>;
  readonly show: (report: RunReport) => void;
  readonly say: (text: string) => void;
  readonly opened: Opened;
};

function createNode(options: RunOptions, { logger, ports, show, say, opened }: RunPorts): Node {
  const {
    datadir,
    allowReadableKey,
    identity,
    network,
    networkId,
    nodekey: nodeKeyFile,
    inspector,
  } = options;
  const now = ports.unixTimeMs ?? unixTimeMs;
  const protocols = protocolsOf(options, now, (message) => show(messageShown(message)));
  const onServer = async (server: Server): Promise<void> => {
    reportServer(server, show);
    server.actor.on('store.faulted', ({ message }) => {
      if (logger.level === 'silent') say(message); // it starts
    });
    opened.recording = await recordingOf(server, options);
    const onLink = (link: string): void => show({ type: 'inspect.link', link });
    if (inspector) opened.inspector = await openRunInspector(server, { ...inspector, onLink }); // sees the start, too
  };
  try {
    return new Node({
      ...defined({ datadir, allowReadableKey, identity, networkId, nodeKeyFile }),
      server: {
        ...(network && {
          candidateFilter: candidateFilterOf(network, now),
        }),
        ...{ ...options.server, protocols, logger, ports },
      },
      apis: apisOf(options, opened.links, say),
      onServer,
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError(error.message, { cause: error });
  }
}

export function protocolsOf(
  { echo: isEchoWanted = false, say, offer, network }: RunOptions,
  now: () => number,
  onMessage: NonNullable<EchoHooks['onMessage']>,
): Protocol[] {
  const isEchoSpoken = isEchoWanted || say !== undefined;
  const spoken = isEchoSpoken ? [echo({ ...(say !== undefined && { say }), onMessage })] : [];
  if (network && !offer) return [...spoken, ...observe(network, now)];
  const offered = offer ?? (isEchoSpoken ? [] : DEFAULT_OFFER);
  const others = offered.filter(
    (one) => !spoken.some((echoing) => labelOf(echoing) === labelOf(one)),
  );
  return [...spoken, ...others.map((one) => offeredProtocol(one))];
}

/** An eth node without blocks: it accepts peers of its chain, and answers that it has nothing. */
function observe(network: Network, now: () => number): readonly Protocol[] {
  const { chain } = network;
  return eth({ chain, head: headOf(network, now) }).protocols;
}
