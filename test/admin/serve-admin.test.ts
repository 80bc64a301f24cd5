import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serveAdmin } from '../../src/admin/serve-admin.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { scratch } from '../cli/scratch.ts';

test('it opens the API of a running server with its options', async () => {
  const server = new Server({ nodeKey: generateNodeKey(), listen: null });
  onTestFinished(() => server.stop());
  await server.start();
  const ipc = join(await scratch(), 'ipc');
  const api = await serveAdmin({ ipc, http: { port: 0 } })({ server, datadir: null });
  expect(api).toMatchObject({ ipc, http: expect.stringMatching(/^http:/), ws: null });
  await expect(serveAdmin({ ipc })({ server, datadir: null })).rejects.toThrow('in use');
});
