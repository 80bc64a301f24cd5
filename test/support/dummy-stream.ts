/** Streams without a remote, for machines that only pass them on. */
import { PassThrough } from 'node:stream';

import { type ByteStream, byteStream } from '../../src/io/link/byte-stream.ts';

/** From 192.0.2.9 and this port, so that they can be told apart. */
export const dummyStream = (port: number): ByteStream =>
  byteStream(new PassThrough(), { host: '192.0.2.9', port }, { host: '192.0.2.1', port: 30303 });
