/** A real PostgreSQL server with its files in a folder of the test. It does not run as root, so root becomes its user. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

import { freePort } from '../support/loopback.ts';

/** Where Debian has the programs of each version. */
const VERSIONS = '/usr/lib/postgresql';

export type PostgresServer = {
  readonly url: string;
  kill(): Promise<void>;
  startAgain(): Promise<void>;
};

export async function startPostgresServer(): Promise<PostgresServer> {
  const bin = programsFolder();
  const folder = mkdtempSync(join(tmpdir(), 'postgres-server-'));
  const user = process.getuid?.() === 0 ? userNamed('postgres') : null;
  if (user) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
  const data = join(folder, 'data');
  const port = String(await freePort()); // it does not let the system choose
  const common = { cwd: folder, env: { ...process.env, LC_ALL: 'C' }, ...user };
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'peer', '-A', 'trust', '--no-sync'], {
    ...common,
    stdio: 'ignore',
  });
  const start = async (): Promise<ChildProcess> => {
    const args = ['-D', data, '-k', folder, '-h', '127.0.0.1', '-p', port, '-c', 'fsync=off'];
    const child = spawn(join(bin, 'postgres'), args, {
      ...common,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await isReady(child);
    return child;
  };
  let child = await start();
  onTestFinished(async () => {
    await stopped(child);
    rmSync(folder, { recursive: true });
  });
  return {
    url: `postgres://peer@127.0.0.1:${port}/postgres`,
    kill: () => stopped(child),
    startAgain: async () => {
      child = await start();
    },
  };
}

function programsFolder(): string {
  try {
    const [newest] = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a));
    return join(VERSIONS, newest!, 'bin');
  } catch (cause) {
    throw new Error('this test needs the Debian package postgresql', { cause });
  }
}

function userNamed(name: string): { readonly uid: number; readonly gid: number } {
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, name])));
  return { uid: uid!, gid: gid! };
}

async function isReady({ stderr }: ChildProcess): Promise<void> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stderr! })) {
    lines.push(line);
    if (!line.includes('ready to accept connections')) continue;
    stderr!.resume(); // or it would wait for a reader
    return;
  }
  throw new Error(`postgres ended: ${lines.join('\n')}`);
}

/** At once, as SIGQUIT asks: with SIGKILL it would leave shared memory behind. */
async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGQUIT');
  await ended;
}
