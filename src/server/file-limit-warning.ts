/** Warns when this process may open fewer files than the server may need. Changes no limit. */
import type { ServerConfig } from './config.ts';

/** Files besides those of connections: the program, its data, and sockets that are being turned away. Source: security row R5. */
export const SPARE_FILES = 256;

/** Without free files the system drops new connections unseen, and nothing else can be opened. */
export function warnOfFewFiles({ maxPeers, maxPendingPeers, ports, logger }: ServerConfig): void {
  const limit = ports.openFiles();
  const needed = maxPeers + maxPendingPeers + SPARE_FILES;
  if (limit < needed)
    logger.warn(
      { limit, needed },
      `this process may open ${limit} files and may need ${needed}: raise the limit (ulimit -n) or lower maxPeers`,
    );
}
