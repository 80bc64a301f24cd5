/** `peerchart attach`: calls a method of a running node over its Unix socket, and prints the result. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../io/process/clock.ts';
import { systemClock } from '../io/process/clock.ts';
import { printable, printableJson, printableLines } from '../io/wire/printable.ts';
import { CommandError } from './error.ts';
import { INTERRUPTED, type Terminal } from './terminal.ts';

/** Where `npm start` has its data; used when the words do not begin with a folder or a socket. */
const DEFAULT_FOLDER = '.peerchart';

export type AttachOptions = { readonly json?: boolean };

/**
 * @param words A folder or a socket, which may be left out, a method and its parameters; without a method the
 *   namespaces of methods are listed. A parameter that begins as JSON does is JSON, any other is text.
 * @returns 1 when the node answered with an error, 130 when interrupted. @throws {CommandError} There is no such node, or no answer.
 */
export async function attach(
  words: readonly string[],
  { json = false }: AttachOptions,
  { stdout, stderr, signal }: Terminal,
  clock: Clock = systemClock,
): Promise<number> {
  const { IPC_FILE, RpcClient, RpcClientError } = await import('../admin/rpc-client.ts');
  const { place, method, params } = await readWords(words);
  const isFolder = (await stat(place).catch(() => null))?.isDirectory() ?? true;
  const socket = isFolder ? join(place, IPC_FILE) : place;
  const line = (value: unknown): void => void stdout.write(`${printableJson(value)}\n`);
  try {
    const client = await RpcClient.open(socket, { clock, signal });
    try {
      const result = await client.call(method, params);
      if (json) line(result);
      else stdout.write(`${shown(result)}\n`);
      if (!method.endsWith('_subscribe')) return 0;
      for await (const notification of client.notifications(result)) line(notification);
      if (signal.aborted) return 0;
      throw new RpcClientError('the node ended the connection');
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof RpcClientError)) throw error;
    if (signal.aborted) return INTERRUPTED;
    if (error.code === null)
      throw new CommandError(`${socket}: ${error.message}`, { cause: error });
    stderr.write(`peerchart: ${printable(error.message, MAX_MESSAGE_CHARS)} (${error.code})\n`);
    return 1;
  }
}

/** Longest message of the node that is shown, in UTF-16 units. Ours. */
const MAX_MESSAGE_CHARS = 512;

const METHOD = /^[a-z][a-z0-9]*_[a-z0-9_]+$/i;

async function readWords(words: readonly string[]): Promise<{
  readonly place: string;
  readonly method: string;
  readonly params: readonly unknown[];
}> {
  const [first] = words;
  const isPlace = first !== undefined && (!METHOD.test(first) || (await exists(first)));
  const [method = 'rpc_modules', ...params] = isPlace ? words.slice(1) : words;
  return { place: isPlace ? first : DEFAULT_FOLDER, method, params: params.map(readParameter) };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const JSON_BEGINNING = /^[[{"]|^(?:true|false|null)$/;

/** @throws {CommandError} It begins as JSON does, and is none. */
function readParameter(word: string): unknown {
  if (!JSON_BEGINNING.test(word)) return word;
  try {
    return JSON.parse(word);
  } catch (error) {
    throw new CommandError(`a parameter is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** For people: a text as it is, anything else as JSON with line breaks. */
const shown = (result: unknown): string =>
  printableLines(typeof result === 'string' ? result : JSON.stringify(result, null, 2));
