/** A real nats-server with JetStream, on a port that the system chose, with its files in a folder of the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

import { openJetStream, parseJetStreamUrl } from '../../src/jetstream/jetstream.ts';

export type NatsServer = {
  readonly url: string;
  /** Without a chance to write anything. */
  kill(): Promise<void>;
  /** On the same port, with the same files. */
  startAgain(): Promise<void>;
};

/** Runs until the test is over. @param args More of nats-server's own. */
export async function startNatsServer(args: readonly string[] = ['-js']): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'nats-server-'));
  let { child, port } = await start(folder, args, '-1');
  onTestFinished(async () => {
    await killed(child);
    rmSync(folder, { recursive: true });
  });
  return {
    url: `nats://127.0.0.1:${port}`,
    kill: () => killed(child),
    startAgain: async () => {
      ({ child } = await start(folder, args, port));
    },
  };
}

/** A connection that the test closes. */
export async function connected(url: string) {
  const jetStream = await openJetStream(parseJetStreamUrl(url));
  onTestFinished(() => jetStream.close());
  return jetStream;
}

async function start(folder: string, args: readonly string[], port: string) {
  const child = spawn('nats-server', ['-sd', folder, '-a', '127.0.0.1', '-p', port, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const failed = once(child, 'error').then(([cause]) => {
    throw new Error('these tests need nats-server, the Debian package of that name', { cause });
  });
  return { child, port: await Promise.race([portOf(child), failed]) };
}

async function portOf({ stderr }: ChildProcess): Promise<string> {
  let port = '';
  const lines: string[] = [];
  for await (const line of createInterface({ input: stderr! })) {
    lines.push(line);
    port = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? port;
    if (!line.includes('Server is ready')) continue;
    stderr!.resume(); // or it would wait for a reader
    return port;
  }
  throw new Error(`nats-server ended: ${lines.join('\n')}`);
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
