/** Warns when this process may open fewer files than the server may need. Changes no limit. */

import type { ServerLog } from '../telemetry/server-log.ts';
import type { ServerConfig } from './config.ts';

/** Files besides those of connections: the program, its data, and sockets that are being turned away. Source: security row R5. */
export const SPARE_FILES = 256;

/** Without free files the system drops new connections unseen, and nothing else can be opened. */
export function warnOfFewFiles(
  { maxPeers, maxPendingPeers, ports }: ServerConfig,
  { warns, warn, fault }: Pick<ServerLog, 'warns' | 'warn' | 'fault'>,
): void {
  if (!warns) return; // the limit takes some ms to read
  const needed = maxPeers + maxPendingPeers + SPARE_FILES;
  try {
    const limit = ports.openFiles();
    if (limit < needed)
      warn(
        `this process may open ${limit} files and may need ${needed}: raise the limit (ulimit -n) or lower maxPeers`,
        { limit, needed },
      );
  } catch (error) {
    fault(error, 'the openFiles port');
  }
}
