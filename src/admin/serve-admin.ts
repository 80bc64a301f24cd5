/** The admin API as an embedder or a node starts it: loaded when it is opened. */
import type { Admin, AdminPorts, RunningServer } from './admin-api.ts';
import type { AdminOptions } from './admin-options.ts';

/**
 * Makes what opens the admin API of a node: `apis: [serveAdmin()]`, or for a server without a node
 * `serveAdmin()({ server, datadir: null })`. With `{ record }` of `peerchart/inspect` as the second parameter, clients of
 * the Unix socket can start recordings.
 */
export const serveAdmin =
  (
    options: AdminOptions = {},
    { record = null }: Partial<Pick<AdminPorts, 'record'>> = {},
  ): ((running: RunningServer) => Promise<Admin>) =>
  async (running) => {
    const { openAdminApi } = await import('./admin-api.ts');
    return openAdminApi(running, options, { record });
  };
