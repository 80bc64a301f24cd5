/**
 * `peerchart doctor`: looks for what keeps a node from working, on this machine and in a server of the same configuration
 * that runs for some seconds with a key of its own. Changes nothing. What the facts mean is in `explain/doctor.ts`.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dirname, resolve } from 'node:path';
import { RpcClient } from '../admin/rpc-client.ts';
import { serverFacts } from '../admin/server-facts.ts';
import { DEFAULTS, type Ports } from '../api/options.ts';
import { examine, type Finding, type Verdict } from '../explain/doctor.ts';
import type { DoctorFacts, Known, ServerFacts } from '../explain/doctor-facts.ts';
import { lookUpAddresses } from '../io/adapters/host-addresses.ts';
import { generateNodeKey } from '../io/crypto/node-key.ts';
import { systemRandom } from '../io/crypto/primitives.ts';
import { udpBinder } from '../io/discovery/udp-socket.ts';
import type { NatSurroundings } from '../io/nat/gateway.ts';
import { TIME_SERVERS, timeAheadMs } from '../io/nat/sntp.ts';
import { findStun, STUN_SERVERS } from '../io/nat/stun.ts';
import { type Clock, systemClock } from '../io/process/clock.ts';
import { openFilesLimit } from '../io/process/open-files.ts';
import { thrownText } from '../io/process/thrown.ts';
import { unixTimeMs } from '../io/process/wall-time.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { printable } from '../io/wire/printable.ts';
import { placesIn } from '../node/data-directory.ts';
import { lockHolder } from '../node/directory-lock.ts';
import { SPARE_FILES } from '../server/file-limit-warning.ts';
import { KeyFileError, loadNodeKey } from '../server/node-key-file.ts';
import { Server } from '../server.ts';
import { coloured, type Paint, plain } from './human-line.ts';
import { protocolsOf, type RunOptions } from './run.ts';
import type { Terminal } from './terminal.ts';
import { timedJson } from './timed-reports.ts';

/** How long the server is observed at most, in seconds: more than a dial may take, which is 15 s. Ours. */
export const OBSERVED_S = 30;

/** Time between two looks at whether everything is known already, in ms. */
const LOOK_EVERY_MS = 250;

export type DoctorOptions = RunOptions & {
  /** How long the server is observed at most, in seconds. */
  readonly seconds?: number;
  /** In place of those that are known; none are asked when it is empty. */
  readonly timeServers?: readonly Endpoint[];
  readonly stunServers?: readonly Endpoint[];
};

type Surroundings = NatSurroundings & {
  readonly ports: Partial<Ports>;
  readonly signal: AbortSignal;
};

/** @returns The exit code: 1 when something keeps the node from working, 0 otherwise. */
export async function doctor(
  options: DoctorOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  const { clock = systemClock, random = systemRandom } = ports;
  const bind = ports.datagrams ?? udpBinder({ clock });
  const { signal, isTty, stderr } = terminal;
  const { seconds = OBSERVED_S, json = false } = options;
  if (isTty && !json)
    stderr.write(`A node of this configuration is tried, for ${seconds} s at most.\n`);
  const facts = await gather(options, { clock, random, bind, ports, signal });
  const findings = examine(facts);
  const paint = terminal.hasColours ? coloured : plain;
  const text = json
    ? timedJson({ type: 'doctor', findings, facts }, terminal)
    : doctorLines(findings, paint);
  terminal.stdout.write(`${text}\n`);
  return findings.some(({ verdict }) => verdict === 'fail') ? 1 : 0;
}

async function gather(options: DoctorOptions, around: Surroundings): Promise<DoctorFacts> {
  const { datadir } = options;
  const usedBy = datadir === undefined ? null : await lockHolder(datadir);
  const [key, clock, seenAt, server, directory] = await Promise.all([
    keyFacts(options),
    clockFacts(options, around),
    seenFrom(options, around),
    usedBy === null ? tryServer(options, around) : askServer(options, around),
    datadir === undefined ? null : directoryFacts(resolve(datadir)),
  ]);
  const { maxPeers, maxPendingPeers } = { ...DEFAULTS, ...options.server };
  return {
    datadir: directory && { ...directory, usedBy },
    ...{ key, clock, seenAt, server },
    files: {
      limit: (around.ports.openFiles ?? openFilesLimit)(),
      needed: maxPeers + maxPendingPeers + SPARE_FILES,
    },
    ownHosts: Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).map(({ address }) => address),
    ),
  };
}

async function directoryFacts(path: string) {
  try {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (found && !found.isDirectory()) throw new Error('it is not a folder');
    await access(found ? path : await nearestFolder(path), constants.W_OK | constants.X_OK);
    return { path, exists: found !== null, problem: null };
  } catch (error) {
    return { path, exists: true, problem: messageOf(error) };
  }
}

/** Of a missing folder: the folder in which the first missing one would be made. */
async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path);
  const exists = await stat(parent).then(
    () => true,
    () => false,
  );
  return exists || parent === path ? parent : nearestFolder(parent);
}

async function keyFacts({ nodekey, datadir, allowReadableKey = false }: DoctorOptions) {
  const path = nodekey ?? (datadir === undefined ? undefined : placesIn(datadir).nodekey);
  if (path === undefined) return null;
  try {
    await loadNodeKey(path, { allowReadable: allowReadableKey });
    return { flaw: null, message: '' };
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    return { flaw: error.flaw, message: error.message };
  }
}

const clockFacts = (
  { timeServers: servers = TIME_SERVERS }: DoctorOptions,
  { signal, ports, ...around }: Surroundings,
) =>
  known(async () => ({
    aheadMs: Math.round(
      await timeAheadMs(
        { servers, lookUp: lookUpAddresses, unixTimeMs: ports.unixTimeMs ?? unixTimeMs },
        around,
        signal,
      ),
    ),
  }));

const seenFrom = (
  { stunServers: servers = STUN_SERVERS }: DoctorOptions,
  { signal, ...around }: Surroundings,
) =>
  known(async () => {
    const stun = await findStun({ servers, lookUp: lookUpAddresses }, around)(signal);
    return { host: await stun.externalHost(signal) };
  });

/** Asks the node that uses this data directory, by its admin API. */
const askServer = ({ datadir, admin }: DoctorOptions, { clock, signal }: Surroundings) =>
  known(async () => {
    const { ipc = datadir === undefined ? null : placesIn(datadir).ipc } = admin ?? {};
    if (ipc === null) throw new Error('its admin socket is taken away by --ipc none');
    const client = await RpcClient.open(ipc, { clock, signal });
    try {
      return (await client.call('peerchart_facts')) as ServerFacts; // it is a peerchart node, of the same user
    } finally {
      client.close();
    }
  });

/** Runs a server with a new key, so that no other node remembers anything of it. */
function tryServer(options: DoctorOptions, around: Surroundings): Promise<Known<ServerFacts>> {
  return known(async () => {
    const { ports, clock, signal } = around;
    await using server = new Server({
      ...options.server,
      ...{
        nodeKey: generateNodeKey(),
        protocols: protocolsOf(options, ports.unixTimeMs ?? unixTimeMs, () => {}),
        ports,
      },
    });
    await server.start();
    const beganAt = clock.now();
    const untilMs = (options.seconds ?? OBSERVED_S) * 1_000;
    for (;;) {
      const observedMs = clock.now() - beganAt;
      const facts = await serverFacts(server, Math.round(observedMs));
      if (observedMs >= untilMs || signal.aborted || isAllKnown(facts)) return facts;
      await pause(clock, LOOK_EVERY_MS, signal);
    }
  });
}

/** Whether waiting longer can show nothing new. */
function isAllKnown(facts: ServerFacts): boolean {
  const { dials, discovery, gateway, isDialling, otherSources } = facts;
  const tables = [discovery.v4, discovery.v5].filter((table) => table !== null);
  const asked = tables.filter(({ bootnodes, nodes }) => bootnodes + nodes > 0);
  const hasSource = otherSources + asked.length > 0;
  const isGatewayKnown = !gateway || gateway.tcpPort !== null || gateway.fault !== '';
  return (
    isGatewayKnown &&
    asked.every(({ liveOthers }) => liveOthers > 0) &&
    (dials.successes > 0 || !isDialling || !hasSource)
  );
}

/** Resolves after the time, or when `signal` is aborted. */
const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const end = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', end);
      done();
    };
    const timer = clock.setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : thrownText(error);

async function known<Fact>(find: () => Promise<Fact>): Promise<Known<Fact>> {
  try {
    return await find();
  } catch (error) {
    return { why: messageOf(error) };
  }
}

const PAINTS = {
  ok: 'green',
  warn: 'yellow',
  fail: 'red',
  unknown: 'dim',
} as const satisfies Record<Verdict, Parameters<Paint>[0]>;

function doctorLines(findings: readonly Finding[], paint: Paint): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, verdict, sentence, remedy }) => [
    `${paint(PAINTS[verdict], verdict.padEnd('unknown'.length))}  ${check.padEnd(width)}  ${printable(sentence, MAX_SENTENCE_CHARS)}`,
    ...(remedy === '' ? [] : [`${' '.repeat('unknown'.length + width + 4)}${remedy}`]),
  ]);
  return [...lines, '', summary(findings)].join('\n');
}

/** Longest sentence that is shown, in UTF-16 units: paths and messages of the system are in it. */
const MAX_SENTENCE_CHARS = 1_000;

function summary(findings: readonly Finding[]): string {
  const count = (verdict: Verdict): number =>
    findings.filter((one) => one.verdict === verdict).length;
  const [failed, warned] = [count('fail'), count('warn')];
  if (failed + warned === 0) return 'Nothing is wrong.';
  return `${failed === 0 ? 'Nothing keeps this node from working' : `${failed} to repair`}; ${warned} to improve.`;
}
