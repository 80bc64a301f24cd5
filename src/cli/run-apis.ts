/** What `run` opens for others once its node runs: metrics, and the admin API. */
import { resolve } from 'node:path';
import type { AdminOptions } from '../admin/admin-options.ts';
import type { StartRecording } from '../admin/recordings.ts';
import { serveAdmin } from '../admin/serve-admin.ts';
import { MAX_PATH_BYTES } from '../admin/unix-endpoint.ts';
import { placesIn } from '../node/data-directory.ts';
import type { ApiFactory } from '../node/node-options.ts';
import { defined } from './defined.ts';
import { CommandError } from './error.ts';

export type ApiSettings = {
  /** Folder of the socket of the admin API. */
  readonly datadir?: string;
  /** Serves metrics and health on this TCP port of the loopback address; 0 lets the system choose. */
  readonly metricsPort?: number;
  /** By default a socket in the data directory. */
  readonly admin?: AdminOptions;
};

/** Where they are, once they are open. */
export type ApiLinks = { metrics?: string; ipc?: string; http?: string; ws?: string };

/** @param say Writes a line for people: what is not opened, and why. */
export function apisOf(
  { metricsPort: port, datadir, admin = {} }: ApiSettings,
  links: ApiLinks,
  say: (text: string) => void,
): readonly ApiFactory[] {
  const apis: ApiFactory[] = [];
  if (port !== undefined)
    apis.push(async ({ server }) => {
      const { openMetricsServer } = await import('../admin/metrics-server.ts');
      const metrics = await named('the metrics server', openMetricsServer(server, { port }));
      links.metrics = metrics.url;
      return metrics;
    });
  const options = withSocket(admin, datadir, say);
  if (options.ipc !== null || options.http || options.ws)
    apis.push(async (running) => {
      const api = await named('the admin API', serveAdmin(options, { record })(running));
      const { ipc, http, ws } = api;
      Object.assign(links, defined({ ipc, http, ws }));
      return api;
    });
  return apis;
}

const record: StartRecording = async (server, path) => {
  const recording = await import('../inspect/recording/server-recording.ts');
  return recording.record(server, path);
};

/** The socket is in the data directory, unless its path is too long for the system. */
function withSocket(
  { ipc, ...web }: AdminOptions,
  datadir: string | undefined,
  say: (text: string) => void,
): AdminOptions & { readonly ipc: string | null } {
  if (ipc !== undefined || datadir === undefined) return { ...web, ipc: ipc ?? null };
  const path = placesIn(resolve(datadir)).ipc;
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { ...web, ipc: path };
  say(
    'the admin API has no socket: the path of the data directory is too long; name one with --ipc',
  );
  return { ...web, ipc: null };
}

/** @throws {CommandError} Says what cannot be opened. */
async function named<Open>(what: string, opening: Promise<Open>): Promise<Open> {
  try {
    return await opening;
  } catch (error) {
    throw new CommandError(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
