/** The enode of a node that hangs up at once. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { listening } from './listening.ts';
import { scratch } from './scratch.ts';
import { tryOut } from './try-out.ts';

export async function someNode(): Promise<string> {
  const file = join(await scratch(), 'nodekey');
  await tryOut(['key', 'new', file]);
  const port = await listening(createServer((socket) => void socket.destroy()));
  const { output } = await tryOut(['key', 'show', file, '--port', String(port)]);
  return /^enode +(.*)$/m.exec(output)![1]!;
}
