/** The inspector of `run --inspect`: opened for a started server, which is stopped when that fails. */
import type { InspectOptions, Inspector } from '../inspect/inspector.ts';
import { isLoopback } from '../inspect/inspector-options.ts';
import type { Server } from '../server.ts';
import { CommandError } from './error.ts';

/** @throws {CommandError} An option makes no sense. @throws {ServerError} `inspectFailed`. The server is stopped then. */
export async function openRunInspector(
  server: Server,
  options: InspectOptions,
): Promise<Inspector> {
  const { inspect } = await import('../inspect/inspector.ts'); // only loaded when it is wanted
  try {
    return await inspect(server, options);
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
