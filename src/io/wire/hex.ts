/**
 * Keys and ids as hex digits. In one piece: a text that is put together digit by digit stays a chain of its pieces in
 * memory, 32 bytes for each, as long as it is kept.
 */

/** Character codes of the digits. */
const DIGITS = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0));

/** Two lower-case digits for each byte. For keys, ids and hashes: at most some hundred bytes. */
export function hexOf(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (const byte of bytes) codes.push(DIGITS[byte >> 4]!, DIGITS[byte & 15]!);
  return String.fromCharCode(...codes);
}
