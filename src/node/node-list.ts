/** The lists of nodes that a data directory may have: `static-nodes.json` and `trusted-nodes.json`, as go-ethereum read them. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Node, parseNode } from '../io/crypto/node.ts';

/** Longest list of nodes, in bytes. Ours: 1,000 nodes with room. */
const MAX_LIST_BYTES = 1024 * 1024;

/**
 * Null when there is no such file. An empty text and null are empty lists, as in go-ethereum.
 * @throws {TypeError} It is no list of nodes; the message has the file and the place in the list. Rejects with an error of
 * the system when it cannot be read.
 */
export async function readNodeList(path: string): Promise<readonly Node[] | null> {
  const text = await readBounded(path);
  if (text === null) return null;
  const list = parseJson(path, text) ?? [];
  if (!Array.isArray(list)) throw new TypeError(`${path} expected a list of enode URLs`);
  return list.map((entry: unknown, index) => parseEntry(`${path}[${index}]`, entry));
}

async function readBounded(path: string): Promise<string | null> {
  // non-blocking, or a named pipe at the path would keep us waiting for a writer
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return null;
  try {
    const stat = await file.stat();
    const { size } = stat;
    if (!stat.isFile()) throw new TypeError(`${path} is not a file`);
    if (size > MAX_LIST_BYTES)
      throw new TypeError(`${path} expected at most ${MAX_LIST_BYTES} bytes, got ${size}`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return text.trim() === '' ? [] : JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${path} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function parseEntry(place: string, entry: unknown): Node {
  if (typeof entry !== 'string') throw new TypeError(`${place} expected an enode URL in quotes`);
  try {
    return parseNode(entry);
  } catch (error) {
    throw new TypeError(`${place}: ${(error as Error).message}`, { cause: error });
  }
}
