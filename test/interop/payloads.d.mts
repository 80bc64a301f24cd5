/** One `send`: sizes in bytes, `seed` 32 bits. */
export type PayloadSeries = {
  readonly count: number;
  readonly maxSize: number;
  readonly seed: number;
};

export function payloadSize(index: number, count: number, maxSize: number): number;
export function payload(seed: number, index: number, size: number): Uint8Array;
export function payloads(series: PayloadSeries): Generator<Uint8Array>;
