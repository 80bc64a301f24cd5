/** A key that is equal for snapshots that no guard can distinguish. */
import type { AnyMachineSnapshot } from 'xstate';

/** Depth below which values are left out, so that cyclic objects end. */
const MAX_DEPTH = 8;

/** Made of state value, status and context; functions, actors and class instances are compared by identity. */
export function keyOfSnapshot({ value, status, context }: AnyMachineSnapshot): string {
  return `${status} ${JSON.stringify(value)} ${keyOf(context, 0)}`;
}

function keyOf(value: unknown, depth: number): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function' || typeof value === 'symbol') return nameOf(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  if (depth >= MAX_DEPTH) return '…';
  const inner = (part: unknown): string => keyOf(part, depth + 1);
  if (Array.isArray(value)) return `[${value.map(inner)}]`;
  if (value instanceof Uint8Array) return `bytes[${value}]`;
  if (value instanceof Set) return `set{${[...value].map(inner)}}`;
  if (value instanceof Map)
    return `map{${[...value].map(([key, part]) => `${inner(key)}:${inner(part)}`)}}`;
  if (!isPlain(value)) return nameOf(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${inner(part)}`)}}`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const names = new WeakMap<object, string>();
let named = 0;

function nameOf(value: object | symbol): string {
  if (typeof value === 'symbol') return String(value);
  const known = names.get(value);
  if (known) return known;
  named += 1;
  const name = `#${named}`;
  names.set(value, name);
  return name;
}
