/** All events of a server, kept until a test takes them: none is missed, and tests wait for events, not for time. */

import type { ServerEvent } from '../../src/api/server-events.ts';
import type { Server } from '../../src/server.ts';

type EventOf<Type extends ServerEvent['type']> = Extract<ServerEvent, { type: Type }>;

export type Watch = {
  /** Takes the oldest event of this type that is left, or waits for one. */
  next<Type extends ServerEvent['type']>(
    type: Type,
    where?: (event: EventOf<Type>) => boolean,
  ): Promise<EventOf<Type>>;
  /** What was reported and not taken. */
  readonly untaken: readonly ServerEvent[];
};

export function watch(server: Server): Watch {
  const untaken: ServerEvent[] = [];
  const waiting = new Set<() => void>();
  void (async () => {
    for await (const event of server.events()) {
      untaken.push(event);
      for (const look of [...waiting]) look();
    }
  })();
  return {
    untaken,
    next: <Type extends ServerEvent['type']>(
      type: Type,
      where: (event: EventOf<Type>) => boolean = () => true,
    ) =>
      new Promise<EventOf<Type>>((resolve) => {
        const look = (): void => {
          const at = untaken.findIndex(
            (event) => event.type === type && where(event as EventOf<Type>),
          );
          if (at < 0) return;
          waiting.delete(look);
          resolve(untaken.splice(at, 1)[0] as EventOf<Type>);
        };
        waiting.add(look);
        look();
      }),
  };
}
