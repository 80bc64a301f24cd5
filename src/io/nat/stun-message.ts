/** Binding requests and responses of STUN. Source: RFC 5389, 6 and 15. */
import { hostOfBytes } from '../wire/ip-address.ts';

const BINDING_REQUEST = 0x0001;
const BINDING_RESPONSE = 0x0101;
const MAGIC_COOKIE = 0x2112a442;
const XOR_MAPPED_ADDRESS = 0x0020;
const HEADER_BYTES = 20;
const ATTRIBUTE_HEADER_BYTES = 4;
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 16 };

/** Of the id by which an answer is matched with its request. */
export const TRANSACTION_ID_BYTES = 12;

export function bindingRequest(transactionId: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, BINDING_REQUEST);
  view.setUint32(4, MAGIC_COOKIE);
  bytes.set(transactionId, 8);
  return bytes;
}

/** The address that the server sees us at. Null: not a response to this request, or one without an address. */
export function readBindingResponse(bytes: Uint8Array, transactionId: Uint8Array): string | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint16(2);
  if (view.getUint16(0) !== BINDING_RESPONSE || view.getUint32(4) !== MAGIC_COOKIE) return null;
  if (length % 4 !== 0 || bytes.length < HEADER_BYTES + length) return null;
  if (!transactionId.every((byte, index) => bytes[8 + index] === byte)) return null;
  const end = HEADER_BYTES + length;
  for (let at = HEADER_BYTES; at + ATTRIBUTE_HEADER_BYTES <= end; ) {
    const type = view.getUint16(at);
    const size = view.getUint16(at + 2);
    const start = at + ATTRIBUTE_HEADER_BYTES;
    if (start + size > end) return null;
    if (type === XOR_MAPPED_ADDRESS) return addressIn(bytes.subarray(start, start + size), bytes);
    at = start + Math.ceil(size / 4) * 4;
  }
  return null;
}

/** The address is combined with the magic cookie and the transaction id, so that no router on the way changes it. */
function addressIn(value: Uint8Array, message: Uint8Array): string | null {
  const size = ADDRESS_BYTES[value[1] ?? 0];
  if (size === undefined || value.length < 4 + size) return null;
  return hostOfBytes(value.subarray(4, 4 + size).map((byte, index) => byte ^ message[4 + index]!));
}
