/**
 * Cuts a stream of bytes into JSON texts, objects and arrays, with or without space between them: go-ethereum's client
 * puts a line feed after each. It checks their size and depth; whether a text is JSON is left to the one that reads it.
 */
import { RpcError } from './json-rpc.ts';

/** Longest text of one request or batch, in bytes. Ours; go-ethereum takes 5 MiB over HTTP. */
export const MAX_REQUEST_BYTES = 1024 * 1024;

/** Objects and arrays inside each other. Ours: no method takes any. */
export const MAX_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

export class JsonSplitter {
  readonly #maxBytes: number;
  /** The beginning of a text of which the end has not come. `#size` bytes, at most `#maxBytes`. */
  #begun: Uint8Array[] = [];
  #size = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /** @param maxBytes Of one text. */
  constructor(maxBytes = MAX_REQUEST_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** @returns The texts that end in this chunk. @throws {RpcError} The stream cannot be read any further. */
  *push(chunk: Uint8Array): Generator<string> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      if (this.#depth === 0) from = at;
      if (!this.#endsText(chunk[at]!)) continue;
      yield this.#take(chunk.subarray(from, at + 1));
    }
    if (this.#depth > 0) this.#keep(chunk.subarray(from));
  }

  /** @throws {RpcError} A text has begun and not ended. */
  end(): void {
    if (this.#depth > 0) throw unreadable('unexpected end of JSON input');
  }

  #endsText(byte: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInString = false;
      return false;
    }
    if (OPENING.has(byte)) {
      this.#depth += 1;
      if (this.#depth > MAX_DEPTH) throw unreadable(`nested more than ${MAX_DEPTH} deep`);
      return false;
    }
    if (this.#depth === 0) {
      if (!BLANKS.has(byte)) throw unreadable('expected a JSON object or array');
      return false;
    }
    if (byte === QUOTE) this.#isInString = true;
    if (CLOSING.has(byte)) this.#depth -= 1;
    return this.#depth === 0;
  }

  #keep(part: Uint8Array): void {
    this.#begun.push(part);
    this.#size += part.length;
    if (this.#size > this.#maxBytes) throw unreadable(`more than ${this.#maxBytes} bytes`);
  }

  #take(last: Uint8Array): string {
    this.#keep(last);
    const text = Buffer.concat(this.#begun).toString('utf8');
    this.#begun = [];
    this.#size = 0;
    return text;
  }
}

/** A message that must be one text, as HTTP and WebSocket delimit it. @throws {RpcError} It is not. */
export function checkedText(message: Uint8Array): string {
  const splitter = new JsonSplitter();
  const texts = [...splitter.push(message)];
  splitter.end();
  const [text] = texts;
  if (text === undefined || texts.length > 1) throw unreadable('expected one JSON text');
  return text;
}

const unreadable = (message: string): RpcError => new RpcError('unreadable', message);
