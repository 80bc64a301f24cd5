/** Asks nodes for others near one target, for a lookup; and whatever it still waits for ends with it. */
import { fromCallback } from 'xstate';

import type { Node } from '../crypto/node.ts';
import type { AskerCommand, AskerEvent } from './discovery-network.ts';

/**
 * @param done Called once, perhaps before this returns; null when the node did not answer.
 * @returns Cancels: `done` is not called after it.
 */
export type AskNode = (
  node: Node,
  targetId: string,
  done: (nodes: readonly Node[] | null) => void,
) => () => void;

export const nodeAsker = (ask: AskNode) =>
  fromCallback<AskerCommand, string>(({ input, sendBack, receive }) => {
    const report = (event: AskerEvent): void => sendBack(event);
    /** At most as many as the lookup asks at once. */
    const pending = new Map<string, () => void>();
    receive(({ node }) => {
      const { id } = node;
      let isOver = false;
      const cancel = ask(node, input, (nodes) => {
        isOver = true;
        pending.delete(id);
        report(nodes ? { type: 'answered', id, nodes } : { type: 'askFailed', id });
      });
      if (!isOver) pending.set(id, cancel);
    });
    return () => {
      for (const cancel of pending.values()) cancel();
    };
  });
