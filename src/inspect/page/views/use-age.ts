/** How old something is that the server said, by our own clock: what it counts down goes on between two frames. */
import { useRef } from 'preact/hooks';
import { usePage } from '../page-context.tsx';

/** In ms since the object was seen first. It stands still while the page is paused, and goes on each second. */
export function useAgeOf(said: object | null): number {
  const { session } = usePage();
  const seen = useRef<{ said: object | null; at: number; age: number }>({
    said: null,
    at: 0,
    age: 0,
  });
  session.seconds.value; // drawn again each second
  const now = performance.now();
  if (seen.current.said !== said) seen.current = { said, at: now, age: 0 };
  if (session.connectivity.value === 'live') seen.current.age = now - seen.current.at;
  return seen.current.age;
}
