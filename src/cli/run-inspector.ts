/** The inspector of `run --inspect`: opened before the start. */
import type { InspectOptions, Inspector } from '../inspect/inspector.ts';
import { isLoopback } from '../inspect/inspector-options.ts';
import type { Server } from '../server.ts';
import { CommandError } from './error.ts';

/** @throws {CommandError} An option is wrong. @throws {ServerError} `inspectFailed`. */
export async function openRunInspector(
  server: Server,
  options: InspectOptions,
): Promise<Inspector> {
  const { inspect } = await import('../inspect/inspector.ts'); // only loaded when it is wanted
  try {
    return await inspect(server, options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError(`the inspector: ${error.message}`, { cause: error });
  }
}

/** A warning for an address that other computers can reach; empty for loopback. */
export const exposureOf = ({ host = '127.0.0.1' }: InspectOptions): string =>
  isLoopback(host)
    ? ''
    : `The inspector listens on ${host}: anyone who can reach this address and has the link sees your peers. There is no TLS: anyone who can read the traffic sees everything, the link too.\n`;
