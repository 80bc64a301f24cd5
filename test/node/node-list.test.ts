import { execFileSync } from 'node:child_process';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readNodeList } from '../../src/node/node-list.ts';
import { scratch } from '../cli/scratch.ts';

const ENODE =
  'enode://d860a01f9722d78051619d1e2351aba3f43f943f6f00718d1b9baa4101932a1f5011f16bb2b1bb35db20d6fe28fa0bf09636d26a87d31de9ec6203eeedb1f666@18.138.108.67:30303';

async function listWith(text: string): Promise<string> {
  const path = join(await scratch(), 'static-nodes.json');
  await writeFile(path, text);
  return path;
}

test('the nodes of a list', async () => {
  const [node] = (await readNodeList(await listWith(JSON.stringify([ENODE]))))!;
  expect(node).toMatchObject({ host: '18.138.108.67', tcpPort: 30303 });
});

test('a file that is missing, and lists without nodes', async () => {
  expect(await readNodeList(join(await scratch(), 'none'))).toBeNull();
  for (const text of ['', '  \n', 'null', '[]'])
    expect(await readNodeList(await listWith(text))).toEqual([]);
});

test('what is no list says where', async () => {
  const messages = {
    '{': / is not JSON: /,
    '{}': / expected a list of enode URLs$/,
    '[1]': /static-nodes\.json\[0\] expected an enode URL in quotes$/,
    [`["${ENODE}","enode://12"]`]: /static-nodes\.json\[1\]: /,
  };
  for (const [text, message] of Object.entries(messages)) {
    const path = await listWith(text);
    await expect(readNodeList(path)).rejects.toThrow(TypeError);
    await expect(readNodeList(path)).rejects.toThrow(message);
  }
});

test('a list that is too long is not read', async () => {
  const path = await listWith('[]');
  await truncate(path, 1024 * 1024 + 1);
  await expect(readNodeList(path)).rejects.toThrow('at most 1048576 bytes');
});

test('what is no file is not read, and nothing waits for it', async () => {
  const folder = await scratch();
  await expect(readNodeList(folder)).rejects.toThrow('is not a file');
  const pipe = join(folder, 'static-nodes.json');
  execFileSync('mkfifo', [pipe]);
  await expect(readNodeList(pipe)).rejects.toThrow('is not a file');
});

test('an error of the system is passed on', async () => {
  await expect(readNodeList(join(await listWith('[]'), 'inside'))).rejects.toThrow('ENOTDIR');
});
