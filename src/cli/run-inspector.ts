/** The inspector of `run --inspect`: opened with its server, and its links told. */
import { isLoopback } from '../inspect/inspector-options.ts';
import type { InspectOptions, Inspector } from '../server/attachments.ts';
import type { Server } from '../server.ts';
import { CommandError } from './error.ts';

/** @throws {CommandError} An option makes no sense. @throws {ServerError} `inspectFailed`. The server is stopped then. */
export async function openRunInspector(
  server: Server,
  options: InspectOptions,
): Promise<Inspector> {
  try {
    return await server.inspect(options);
  } catch (error) {
    await server.stop();
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError(`the inspector: ${error.message}`, { cause: error });
  }
}

/** What it means to listen there, in plain words; nothing where only this machine can come. */
export const exposureOf = ({ host = '127.0.0.1' }: InspectOptions): string =>
  isLoopback(host)
    ? ''
    : `The inspector listens on ${host}: everybody who can reach it and has the link sees your peers. There is no TLS: whoever is on the way sees all of it, the link too.\n`;
