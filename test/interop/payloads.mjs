/**
 * The payloads of the echo tests: sizes and content, the same here and in geth-peer/echo.go.
 * Plain JavaScript with types beside it, because ethereumjs-peer.mjs runs without a compiler.
 */

/** Spreads the sizes of `count` messages from 0 to `maxSize`: first 0, then 1, at last `maxSize`. */
export function payloadSize(index, count, maxSize) {
  return index < 2 ? Math.min(index, maxSize) : Math.floor((maxSize * index) / (count - 1));
}

/**
 * The content of message `index`: xorshift32 (13, 17, 5) from the state
 * seed XOR (index + 1) * 0x9e3779b9 (1 when that is 0), each state giving 4 bytes, lowest first.
 * An odd index repeats its first 97 bytes, so that snappy finds something to copy.
 */
export function payload(seed, index, size) {
  let state = (seed ^ Math.imul(index + 1, 0x9e3779b9)) >>> 0 || 1;
  const period = index % 2 === 1 ? Math.min(size, 97) : size;
  const content = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    if (i >= period) {
      content[i] = content[i - period];
      continue;
    }
    if (i % 4 === 0) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
    }
    content[i] = state >>> (8 * (i % 4));
  }
  return content;
}

/** Every payload of one `send`, in order. */
export function* payloads({ count, maxSize, seed }) {
  for (let index = 0; index < count; index++)
    yield payload(seed, index, payloadSize(index, count, maxSize));
}
