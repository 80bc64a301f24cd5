/** Disconnect as clients write it, well or badly. Whether it is compressed is left to the sender. */
import { DISCONNECT_CODES, type DisconnectReason } from '../../io/wire/disconnect.ts';
import { encodeRlp } from '../../io/wire/rlp.ts';

const DISCONNECT_FORMS = {
  /** As the specification has it. */
  list: (code: number) => encodeRlp([code]),
  /** A bare integer: go-ethereum 1.10.17 to 1.14. */
  integer: (code: number) => encodeRlp(code),
  /** The number as one byte, with zero as 0x00, which is no RLP of an integer. */
  byte: (code: number) => Uint8Array.of(code),
  emptyList: () => Uint8Array.of(0xc0),
  nothing: () => new Uint8Array(0),
} as const;

export type DisconnectForm = keyof typeof DISCONNECT_FORMS;

/** @param reason Or any number below 2³²; below 2⁸ as a byte. */
export function disconnectPayload(
  reason: DisconnectReason | number,
  form: DisconnectForm,
): Uint8Array {
  return DISCONNECT_FORMS[form](typeof reason === 'number' ? reason : DISCONNECT_CODES[reason]);
}
