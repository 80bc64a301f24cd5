/** Base32 with the upper-case alphabet and without padding. Source: RFC 4648, section 6. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const DIGIT_BITS = 5;
const BYTE_BITS = 8;

export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << BYTE_BITS) | byte;
    bits += BYTE_BITS;
    while (bits >= DIGIT_BITS) {
      bits -= DIGIT_BITS;
      text += ALPHABET[(held >> bits) & 0x1f];
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET[(held << (DIGIT_BITS - bits)) & 0x1f];
}

/**
 * The whole bytes of the text. Bits after the last of them are ignored, and every length is read, as by go-ethereum.
 *
 * @returns null when a character is not of the alphabet: lower case is not.
 */
export function decodeBase32(text: string): Uint8Array | null {
  const bytes = new Uint8Array(base32ByteLength(text));
  let at = 0;
  let bits = 0;
  let held = 0;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    if (digit === -1) return null;
    held = (held << DIGIT_BITS) | digit;
    bits += DIGIT_BITS;
    if (bits < BYTE_BITS) continue;
    bits -= BYTE_BITS;
    bytes[at++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  return bytes;
}

/** How many whole bytes a text of that length has. */
export const base32ByteLength = ({ length }: string): number =>
  Math.floor((length * DIGIT_BITS) / BYTE_BITS);
