/**
 * The admin API on a Unix socket, for processes of the same user. The socket is made in a folder that only we can enter
 * and moved to its place when its mode is right, so that no other user can ever connect.
 * Source: go-ethereum rpc/ipc_unix.go, which makes the socket in place and replaces whatever is there.
 */
import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { JsonSplitter } from './json-splitter.ts';
import type { RpcStream } from './rpc-connection.ts';

/** Clients at once; further ones are closed when they are accepted. Ours. */
export const MAX_IPC_CLIENTS = 32;

/** Longest path that every system can bind, in bytes. Source: macOS unix(4): 104 with the final 0. */
export const MAX_PATH_BYTES = 103;

const FOLDER_MODE = 0o700;
const SOCKET_MODE = 0o600;

/** Beginning of the folder in which it is made, which gets six characters more; and its name there. */
const MADE_IN = '.';
const MADE_AS = 's';

export type UnixEndpoint = { close(): Promise<void> };

/**
 * @param serve Called with each client.
 * @throws {AdminError} The path cannot be used; the message says why.
 */
export async function openUnixEndpoint(
  path: string,
  serve: (stream: RpcStream) => void,
): Promise<UnixEndpoint> {
  await checkPath(path);
  const sockets = new Set<Socket>(); // at most `MAX_IPC_CLIENTS`
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.unref());
    socket.once('close', () => sockets.delete(socket));
    serve({ stream: socket, texts: textsOf(socket), separator: '\n' });
  });
  server.maxConnections = MAX_IPC_CLIENTS;
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const folder = await mkdtemp(join(dirname(path), MADE_IN));
  try {
    const made = join(folder, MADE_AS);
    server.listen(made).unref();
    await once(server, 'listening');
    server.on('error', () => {}); // of one accept, such as too many open files: the next one may succeed
    await chmod(made, SOCKET_MODE);
    await rename(made, path);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const { ino } = await lstat(path);
  return {
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      const now = await lstat(path).catch(() => null);
      if (now?.ino === ino) await rm(path, { force: true }); // not the socket of a later node
    },
  };
}

async function* textsOf(socket: Socket): AsyncGenerator<string> {
  const splitter = new JsonSplitter();
  // the answer to what cannot be read is written after this has ended
  for await (const chunk of socket.iterator({ destroyOnReturn: false }))
    yield* splitter.push(chunk as Buffer);
  splitter.end();
}

/** Only a socket of ours that nothing listens on may be replaced. */
async function checkPath(path: string): Promise<void> {
  const made = join(dirname(path), `${MADE_IN}XXXXXX`, MADE_AS);
  if (Math.max(Buffer.byteLength(path), Buffer.byteLength(made)) > MAX_PATH_BYTES)
    throw new AdminError(`the path of the socket has more than ${MAX_PATH_BYTES} bytes: ${path}`);
  const there = await lstat(path).catch(() => null);
  if (!there) return;
  if (!there.isSocket()) throw new AdminError(`${path} is no socket: it is left as it is`);
  if (process.getuid && there.uid !== process.getuid())
    throw new AdminError(`${path} is a socket of another user`);
  if (await isAnswered(path)) throw new AdminError(`${path} is in use by another process`);
}

/** With any other error, such as a full backlog, a process listens. */
const ABSENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT']);

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    }).once('error', ({ code }: NodeJS.ErrnoException) => resolve(!ABSENT.has(code ?? '')));
  });
}

/** The admin API cannot be opened as it was asked for. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
}
