/** Disconnect payloads in the forms that clients send, valid and invalid. Compression is left to the sender. */
import { DISCONNECT_CODES, type DisconnectReason } from '../../io/wire/disconnect.ts';
import { encodeRlp } from '../../io/wire/rlp.ts';

const DISCONNECT_FORMS = {
  /** As specified. */
  list: (code: number) => encodeRlp([code]),
  /** A bare integer: go-ethereum 1.10.17 to 1.14. */
  integer: (code: number) => encodeRlp(code),
  /** The code as one byte; zero as 0x00, which is not a valid RLP integer. */
  byte: (code: number) => Uint8Array.of(code),
  emptyList: () => Uint8Array.of(0xc0),
  nothing: () => new Uint8Array(0),
} as const;

export type DisconnectForm = keyof typeof DISCONNECT_FORMS;

/** @param reason Name, or any number below 2³² (below 2⁸ in the form `byte`). */
export function disconnectPayload(
  reason: DisconnectReason | number,
  form: DisconnectForm,
): Uint8Array {
  return DISCONNECT_FORMS[form](typeof reason === 'number' ? reason : DISCONNECT_CODES[reason]);
}
