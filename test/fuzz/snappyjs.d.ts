/** The part of snappyjs that is compared with; it has no types of its own. */
declare module 'snappyjs/snappy_decompressor.js' {
  export class SnappyDecompressor {
    constructor(compressed: Uint8Array);
    /** -1 when there is none. */
    readUncompressedLength(): number;
    uncompressToBuffer(out: Uint8Array): boolean;
  }
}
