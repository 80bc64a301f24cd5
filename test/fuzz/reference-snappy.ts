/** A second Snappy decoder, as plain as the format allows. Source: google/snappy, format_description.txt. */

/** Null when the bytes are no Snappy block. The caller has bounded the length that is declared. */
export function referenceUncompress(block: Uint8Array): Uint8Array | null {
  const preamble = readVarint(block);
  if (preamble === null) return null;
  const out = new Uint8Array(preamble.value);
  let to = 0;
  let at = preamble.end;
  while (at < block.length) {
    const tag = block[at]!;
    at += 1;
    const kind = tag & 3;
    const high = tag >>> 2;
    const operandBytes = kind === 0 ? Math.max(0, high - 59) : kind === 3 ? 4 : kind;
    if (at + operandBytes > block.length) return null;
    const operand = littleEndian(block.subarray(at, at + operandBytes));
    at += operandBytes;
    if (kind === 0) {
      const length = (operandBytes === 0 ? high : operand) + 1;
      if (at + length > block.length || to + length > out.length) return null;
      out.set(block.subarray(at, at + length), to);
      at += length;
      to += length;
      continue;
    }
    const length = kind === 1 ? (high & 7) + 4 : high + 1;
    const offset = kind === 1 ? (tag >>> 5) * 256 + operand : operand;
    if (offset === 0 || offset > to || to + length > out.length) return null;
    for (const end = to + length; to < end; to += 1) out[to] = out[to - offset]!;
  }
  return to === out.length ? out : null;
}

function readVarint(block: Uint8Array): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let at = 0; at < Math.min(5, block.length); at += 1) {
    value += (block[at]! & 0x7f) * 2 ** (7 * at);
    if (block[at]! < 0x80) return value < 2 ** 32 ? { value, end: at + 1 } : null;
  }
  return null;
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduce((value, byte, index) => value + byte * 2 ** (8 * index), 0);
}
