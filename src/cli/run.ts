/** `peerchart run`: runs a server and prints its events, until the signal of the terminal. */
import { once } from 'node:events';
import type { Logger } from 'pino';
import { pino } from 'pino';
import type { Ports, ServerOptions } from '../api/options.ts';
import type { Protocol } from '../api/protocol.ts';
import type { InspectOptions } from '../inspect/inspector-options.ts';
import type { Recording } from '../inspect/recording/server-recording.ts';
import { parseNode } from '../io/crypto/node.ts';
import type { NodeKey } from '../io/crypto/node-key.ts';
import { generateNodeKey } from '../io/crypto/node-key.ts';
import { systemClock } from '../io/process/clock.ts';
import { printable } from '../io/wire/printable.ts';
import type { EchoHooks } from '../protocols/echo.ts';
import { echo } from '../protocols/echo.ts';
import { openNodeKey } from '../server/node-key-file.ts';
import { Server } from '../server.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { CommandError } from './error.ts';
import { DEFAULT_OFFER, type Offer, offeredProtocol } from './offered-protocols.ts';
import type { RunReport } from './report.ts';
import { labelOf, messageShown, started } from './report.ts';
import { exposureOf, openRunInspector } from './run-inspector.ts';
import { reportServer } from './server-reports.ts';
import type { Terminal } from './terminal.ts';
import { reportWriter } from './timed-reports.ts';

/** Period of a timer that only keeps the process running, in ms. Ours. */
const AWAKE_MS = 3_600_000;

export type RunOptions = {
  /** Passed to the server unchanged. */
  readonly server: Omit<
    ServerOptions,
    'nodeKey' | 'nodeDatabase' | 'protocols' | 'logger' | 'ports'
  >;
  /** A folder for the key, unless `nodekey` is given, and for the node database; created when it is missing. */
  readonly datadir?: string;
  /** Created when it is missing; without one, each run has a new key. */
  readonly nodekey?: string;
  readonly allowReadableKey?: boolean;
  /** Capabilities in our Hello whose messages are read and ignored. Default: those of Ethereum nodes, or none with `echo/1`. */
  readonly offer?: readonly Offer[];
  /** Speak `echo/1`, and print its messages. */
  readonly echo?: boolean;
  /** Sent to every peer. */
  readonly say?: string;
  /** Opens an inspector with these options, before the start. */
  readonly inspector?: Pick<InspectOptions, 'port' | 'host' | 'actions'>;
  /** Serves metrics and health on this TCP port of the loopback address; 0 lets the system choose. */
  readonly metricsPort?: number;
  readonly json?: boolean;
  /** Path of a new file for a recording that begins before the start. */
  readonly record?: string;
  readonly recordMask?: boolean;
  readonly logLevel: string;
};

/**
 * Runs until the signal of the terminal.
 * @throws {CommandError} An option is wrong, or the data directory cannot be used. @throws {KeyFileError} @throws {ServerError} `startFailed`, `inspectFailed`.
 * @throws {RecordingError} The file cannot be created.
 */
export async function run(
  options: RunOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  const { signal, stderr } = terminal;
  const writer = reportWriter(options, terminal, ports.clock ?? systemClock);
  const early: RunReport[] = [];
  let show = (report: RunReport): void => void early.push(report); // printed after `started`
  const logger = pino({ level: 'silent' }, stderr);
  const server = await createServer(options, { logger, ports, show: (report) => show(report) });
  reportServer(server, (report) => show(report));

  const { inspector: wanted, metricsPort } = options;
  const recording = await recordingOf(server, options);
  const onLink = (link: string): void => show({ type: 'inspect.link', link });
  const inspector = wanted && (await openRunInspector(server, { ...wanted, onLink })); // sees the start, too
  const ofStore = server.actor.on('store.faulted', ({ message }) =>
    stderr.write(`peerchart: ${printable(message)}\n`),
  ); // the logger is silent while the server starts
  try {
    await server.start();
  } catch (error) {
    await server.stop(); // closes the recording and the inspector
    throw error;
  }
  const metrics = metricsPort === undefined ? undefined : await metricsAt(server, metricsPort);
  ofStore.unsubscribe();
  logger.level = options.logLevel; // from here on: a failed start is reported once, by the error
  show = (report) => writer.write(report);
  for (const report of [started(server.self, inspector?.link, metrics), ...early]) show(report);
  if (namesUs(options.server, server.self.id)) stderr.write(`peerchart: ${OWN_ENODE}\n`);
  if (wanted) stderr.write(exposureOf(wanted));

  const awake = setInterval(() => {}, AWAKE_MS); // or Node would exit when the listener is lost and there is no peer
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(awake);
  show({ type: 'stopping' });
  const why = recording?.why ?? 'closed'; // read before the stop closes it
  await server.stop();
  if (why !== 'closed') stderr.write(`peerchart: ${RECORDING_ENDED[why]}\n`);
  show({ type: 'stopped' });
  return 0;
}

/** Its URL; when it cannot listen, the server is stopped. @throws {CommandError} */
async function metricsAt(server: Server, port: number): Promise<string> {
  const { openMetricsServer } = await import('../admin/metrics-server.ts');
  try {
    return (await openMetricsServer(server, { port })).url;
  } catch (error) {
    await server.stop();
    throw new CommandError(`the metrics server: ${(error as Error).message}`, { cause: error });
  }
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

type ServerPorts = {
  readonly logger: Logger;
  readonly ports: Partial<Ports>;
  readonly show: (report: RunReport) => void;
};

async function createServer(
  options: RunOptions,
  { logger, ports, show }: ServerPorts,
): Promise<Server> {
  const protocols = protocolsOf(options, (message) => show(messageShown(message)));
  const { datadir } = options;
  const places = datadir === undefined ? null : await openDataDirectory(datadir);
  const nodeKey = await nodeKeyOf(options, places);
  const database = places && { nodeDatabase: places.nodes };
  try {
    return new Server({ ...options.server, ...database, nodeKey, protocols, logger, ports });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError(error.message, { cause: error });
  }
}

export function protocolsOf(
  { echo: isEchoWanted = false, say, offer }: RunOptions,
  onMessage: NonNullable<EchoHooks['onMessage']>,
): Protocol[] {
  if (!isEchoWanted && say === undefined)
    return (offer ?? DEFAULT_OFFER).map((one) => offeredProtocol(one));
  const spoken = echo({ ...(say !== undefined && { say }), onMessage });
  const others = (offer ?? []).filter((one) => labelOf(one) !== labelOf(spoken));
  return [spoken, ...others.map((one) => offeredProtocol(one))];
}

async function nodeKeyOf(
  { nodekey, allowReadableKey }: RunOptions,
  places: DataDirectory | null,
): Promise<NodeKey> {
  const file = nodekey ?? places?.nodekey;
  if (file === undefined) return generateNodeKey();
  return openNodeKey(file, { allowReadable: allowReadableKey === true });
}
