/** `peerchart key`: creates node keys, and shows their id and enode URL. */
import { bytesToHex } from '@noble/hashes/utils.js';

import { formatEnode, parseEnode } from '../io/crypto/enode.ts';
import type { NodeKey } from '../io/crypto/node-key.ts';
import { exportSecret, generateNodeKey } from '../io/crypto/node-key.ts';
import { publicKeyHex } from '../io/crypto/public-key.ts';
import { printableJson } from '../io/wire/printable.ts';
import { loadNodeKey, saveNodeKey } from '../server/node-key-file.ts';
import { CommandError } from './error.ts';
import type { Terminal } from './terminal.ts';

export type KeyNewOptions = {
  /** Print the secret, and write no file. */
  readonly stdout?: boolean;
  readonly json?: boolean;
};

export type KeyShowOptions = {
  readonly host: string;
  readonly port: number;
  readonly allowReadableKey?: boolean;
  readonly json?: boolean;
};

/** @throws {CommandError} Neither a file nor `--stdout`, or both. @throws {KeyFileError} The file exists or cannot be written. */
export async function keyNew(
  file: string | undefined,
  options: KeyNewOptions,
  { stdout }: Terminal,
): Promise<number> {
  if ((file === undefined) !== (options.stdout === true))
    throw new CommandError('key new needs a FILE to write, or --stdout to print the secret');
  const key = generateNodeKey();
  const { id } = key;
  if (file === undefined) {
    const secret = secretHex(key);
    stdout.write(options.json ? lineOf({ type: 'key.new', id, secret }) : `${secret}\n`);
    return 0;
  }
  await saveNodeKey(file, key);
  stdout.write(
    options.json ? lineOf({ type: 'key.new', id, file }) : `id    ${id}\nfile  ${file}\n`,
  );
  return 0;
}

/** @throws {CommandError} The host is not valid. @throws {KeyFileError} The file cannot be used. */
export async function keyShow(
  file: string,
  { host, port, allowReadableKey, json }: KeyShowOptions,
  { stdout }: Terminal,
): Promise<number> {
  const key = await loadNodeKey(file, { allowReadable: allowReadableKey === true });
  const { id } = key;
  const enode = enodeOf(key, host, port);
  stdout.write(json ? lineOf({ type: 'key', id, enode }) : `id     ${id}\nenode  ${enode}\n`);
  return 0;
}

const lineOf = (report: object): string => `${printableJson(report)}\n`;

function enodeOf(key: NodeKey, host: string, port: number): string {
  const authority = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  try {
    return formatEnode(parseEnode(`enode://${publicKeyHex(key.publicKey)}@${authority}:${port}`));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError(
      `--host expected an IP address or a DNS name, got ${JSON.stringify(host)}`,
    );
  }
}

function secretHex(key: NodeKey): string {
  const secret = exportSecret(key);
  const digits = bytesToHex(secret);
  secret.fill(0);
  return digits;
}
