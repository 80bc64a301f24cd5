/** The next message of a port, or an error that says what came instead. */
import { bytesToHex } from '@noble/hashes/utils.js';

import type { Message, Port } from '../../api/protocol.ts';

/** Bytes of a payload that an error shows. */
const MAX_SHOWN_BYTES = 64;

export class UnexpectedMessage extends Error {
  override readonly name = 'UnexpectedMessage';
}

/**
 * Takes the next message.
 * @param code Its code, if that matters.
 * @param payload Its bytes, if they matter.
 * @throws {UnexpectedMessage} Another one came, or the port ended.
 */
export async function expectMessage(
  port: Port,
  code?: number,
  payload?: Uint8Array,
): Promise<Message> {
  const wanted = `${port.name}/${port.version}: expected ${show(code, payload)}`;
  const { done, value } = await port[Symbol.asyncIterator]().next();
  if (done) throw new UnexpectedMessage(`${wanted}, but it ended: ${port.signal.reason}`);
  const isCode = code === undefined || value.code === code;
  if (isCode && (payload === undefined || bytesToHex(value.payload) === bytesToHex(payload)))
    return value;
  throw new UnexpectedMessage(`${wanted}, got ${show(value.code, value.payload)}`);
}

function show(code?: number, payload?: Uint8Array): string {
  const name = code === undefined ? 'a message' : `message ${code}`;
  if (payload === undefined) return name;
  const hex = bytesToHex(payload.subarray(0, MAX_SHOWN_BYTES));
  const more = payload.length > MAX_SHOWN_BYTES ? '…' : '';
  return `${name} of ${payload.length} bytes 0x${hex}${more}`;
}
