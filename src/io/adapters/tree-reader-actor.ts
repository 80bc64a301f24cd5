/** One DNS node list as an actor: reads its root or its next entry when the chart wants it, one at a time. */
import { fromCallback } from 'xstate';

import type { Node } from '../crypto/node.ts';
import type { EntryFact, RootFact, TreeReader } from '../discovery/tree-reader.ts';

/** Each takes the place of the one before, which is not answered then. */
export type TreeReaderCommand = { readonly type: 'read.root' } | { readonly type: 'read.entry' };

/** One for each command. */
export type TreeReaderEvent = RootFact | EntryFact;

export type TreeReaderInput = {
  /** The `enrtree://` URL of the list. */
  readonly url: string;
};

/** @param onNode Gets the nodes of the list; called after the chart has the fact. */
export const treeReaderActor = (
  readerOf: (url: string) => Pick<TreeReader, 'readRoot' | 'readEntry'>,
  onNode: (url: string, node: Node) => void,
) =>
  fromCallback<TreeReaderCommand, TreeReaderInput>(({ input: { url }, sendBack, receive }) => {
    const report = (event: TreeReaderEvent): void => sendBack(event);
    const reader = readerOf(url);
    let cancel = (): void => {};
    receive(({ type }) => {
      cancel();
      cancel = () => {};
      if (type === 'read.root') {
        cancel = reader.readRoot(report);
        return;
      }
      cancel = reader.readEntry((fact, node) => {
        report(fact);
        if (node) onNode(url, node);
      });
    });
    return () => cancel();
  });
