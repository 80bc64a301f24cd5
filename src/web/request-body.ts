/** Reads the body of a request up to a limit. The HTTP server limits the time. */
import type { Readable } from 'node:stream';

/** @returns null for a longer body, of which the rest is not read. Rejects when the request is cut off. */
export function readBody(incoming: Readable, maxBytes: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming
      .on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= maxBytes) chunks.push(chunk);
        else {
          chunks.length = 0;
          incoming.pause();
          resolve(null);
        }
      })
      .once('end', () => resolve(Buffer.concat(chunks)))
      .once('error', reject)
      .once('close', () => reject(new Error('the body was cut off')));
  });
}
