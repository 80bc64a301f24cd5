/** Reads the next message of a port and compares it; the error shows the actual message. */
import { bytesToHex } from '@noble/hashes/utils.js';

import type { Message, Port } from '../../api/protocol.ts';

/** Most payload bytes in an error message. */
const MAX_SHOWN_BYTES = 64;

export class UnexpectedMessage extends Error {
  override readonly name = 'UnexpectedMessage';
}

/**
 * Takes the next message of `port`.
 * @param code Expected code; any if left out.
 * @param payload Expected bytes; any if left out.
 * @throws {UnexpectedMessage} A different message arrived, or the port ended.
 */
export async function expectMessage(
  port: Port,
  code?: number,
  payload?: Uint8Array,
): Promise<Message> {
  const wanted = `${port.name}/${port.version}: expected ${describe(code, payload)}`;
  const { done, value } = await port[Symbol.asyncIterator]().next();
  if (done) throw new UnexpectedMessage(`${wanted}, but the port ended: ${port.signal.reason}`);
  const isCode = code === undefined || value.code === code;
  if (isCode && (payload === undefined || bytesToHex(value.payload) === bytesToHex(payload)))
    return value;
  throw new UnexpectedMessage(`${wanted}, got ${describe(value.code, value.payload)}`);
}

function describe(code?: number, payload?: Uint8Array): string {
  const name = code === undefined ? 'a message' : `message ${code}`;
  if (payload === undefined) return name;
  const hex = bytesToHex(payload.subarray(0, MAX_SHOWN_BYTES));
  const more = payload.length > MAX_SHOWN_BYTES ? '…' : '';
  return `${name} of ${payload.length} bytes 0x${hex}${more}`;
}
