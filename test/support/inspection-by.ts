/** An inspection that is watched from the start, for actors that run without a server. */
import { type Inspect, Inspection } from '../../src/actors/inspection.ts';

export function inspectionBy(hear: Inspect, onFault: (error: unknown) => void): Inspection {
  const inspection = new Inspection(onFault);
  inspection.watch({ onEvent: hear, onFound: () => {}, onRootEnded: () => {} });
  return inspection;
}
