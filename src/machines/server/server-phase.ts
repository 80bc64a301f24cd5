/** What a server is doing as a whole, whichever of its parts are live. */
import type { StateValue } from 'xstate';

export type ServerPhase = 'idle' | 'starting' | 'running' | 'stopping' | 'rollingBack' | 'stopped';

const PHASE_PREFIX = 'active.phase.';

/** @param snapshot Of the server machine. */
export function phaseOf({ value }: { readonly value: StateValue }): ServerPhase {
  const { active } = Object(value) as { readonly active?: { readonly phase: StateValue } };
  const phase = active ? active.phase : value;
  return (typeof phase === 'string' ? phase : Object.keys(phase)[0]) as ServerPhase;
}

/**
 * The phase and its step, such as `starting.listening`.
 * @param path Of the whole state, as `statePath()` writes it: `active.phase.running+active.localNode.live+…`.
 */
export function phasePath(path: string): string {
  const phase = path.split('+').find((region) => region.startsWith(PHASE_PREFIX));
  return phase?.slice(PHASE_PREFIX.length) ?? path;
}
