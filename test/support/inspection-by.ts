/** For whatever makes actors of a server without a server: somebody looks on from the start. */
import { type Inspect, Inspection } from '../../src/actors/inspection.ts';

export function inspectionBy(hear: Inspect, onFault: (error: unknown) => void): Inspection {
  const inspection = new Inspection(onFault);
  inspection.watch({ onEvent: hear, onFound: () => {}, onRootEnded: () => {} });
  return inspection;
}
