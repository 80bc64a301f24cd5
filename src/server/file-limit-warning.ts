/** Whether this process may open as many files as a server may need. It warns, and changes no limit. */
import type { ServerConfig } from './config.ts';

/** Files besides those of connections: the program itself, its data, and sockets that are being turned away. Source: security row R5. */
export const SPARE_FILES = 256;

/** Out of files, the system drops newcomers unseen, and nothing else can be opened either. */
export function warnOfFewFiles({ maxPeers, maxPendingPeers, ports, logger }: ServerConfig): void {
  const limit = ports.openFiles();
  const needed = maxPeers + maxPendingPeers + SPARE_FILES;
  if (limit < needed)
    logger.warn(
      { limit, needed },
      `this process may open ${limit} files and may need ${needed}: raise its limit, or lower maxPeers`,
    );
}
