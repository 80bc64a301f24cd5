/** Requests and responses of NAT-PMP. Source: RFC 6886, 3. */
import { hostOfBytes } from '../wire/ip-address.ts';
import type { MappedProtocol } from './gateway.ts';

const VERSION = 0;
const ADDRESS = 0;
const OPCODES = { udp: 1, tcp: 2 } as const;
/** A response has the opcode of its request, plus this. */
const RESPONSE = 128;

const ADDRESS_RESPONSE_BYTES = 12;
const MAPPING_REQUEST_BYTES = 12;
const MAPPING_RESPONSE_BYTES = 16;
const HEADER_BYTES = 8;

/** Source: RFC 6886, 3.5. */
const FAULTS: Readonly<Record<number, string>> = {
  1: 'it speaks another version of NAT-PMP',
  2: 'it is set to map no ports',
  3: 'it has no connection to the internet',
  4: 'it has no room for another mapping',
  5: 'it does not know this request',
};

export type PmpFault = { readonly fault: string };
export type PmpMapping = { readonly externalPort: number; readonly lifetimeS: number };

export const addressRequest = (): Uint8Array => Uint8Array.of(VERSION, ADDRESS);

/** @param lifetimeS 0 deletes the mapping; `externalPort` is 0 then. */
export function mappingRequest(
  protocol: MappedProtocol,
  port: number,
  { externalPort, lifetimeS }: PmpMapping,
): Uint8Array {
  const bytes = new Uint8Array(MAPPING_REQUEST_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[1] = OPCODES[protocol];
  view.setUint16(4, port);
  view.setUint16(6, externalPort);
  view.setUint32(8, lifetimeS);
  return bytes;
}

/** Null: not a response to this request. */
export function readAddress(bytes: Uint8Array): { readonly host: string } | PmpFault | null {
  const view = responseTo(ADDRESS, bytes);
  if (!view) return null;
  const fault = faultIn(view);
  if (fault) return fault;
  return bytes.length < ADDRESS_RESPONSE_BYTES
    ? null
    : { host: hostOfBytes(bytes.subarray(HEADER_BYTES, ADDRESS_RESPONSE_BYTES)) };
}

/** Null: not a response to the request for this port. */
export function readMapping(
  bytes: Uint8Array,
  protocol: MappedProtocol,
  port: number,
): PmpMapping | PmpFault | null {
  const view = responseTo(OPCODES[protocol], bytes);
  if (!view) return null;
  const fault = faultIn(view);
  if (fault) return fault;
  if (bytes.length < MAPPING_RESPONSE_BYTES || view.getUint16(8) !== port) return null;
  return { externalPort: view.getUint16(10), lifetimeS: view.getUint32(12) };
}

function responseTo(opcode: number, bytes: Uint8Array): DataView | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes[0] === VERSION && bytes[1] === RESPONSE + opcode ? view : null;
}

function faultIn(view: DataView): PmpFault | null {
  const code = view.getUint16(2);
  return code === 0 ? null : { fault: FAULTS[code] ?? `it answers with the unknown code ${code}` };
}
