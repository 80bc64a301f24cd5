/**
 * Looks for the present endpoint of a node: asks the node where it was last, and meanwhile looks it up; each other address
 * that others give for it is asked too. Only what the node itself answered counts, so that it can be not found.
 */
import { type EventObject, fromCallback } from 'xstate';

import type { Node } from '../crypto/node.ts';
import type { NodeResolverEvent } from './node-resolver.ts';

export type Resolution = {
  /** Asks the node at its address; null when it did not answer. @returns Cancels. */
  readonly check: (node: Node, done: (node: Node | null) => void) => () => void;
  /** Calls `onFound` for each node on the way, and `onEnd` once. @returns Cancels. */
  readonly lookUp: (
    node: Node,
    hooks: { readonly onFound: (node: Node) => void; readonly onEnd: () => void },
  ) => () => void;
};

/** Addresses of one node that are asked. Ours: others can give as many as they like. */
const MAX_PLACES = 8;

/** How often the node is asked at one address, when others name that again. Ours: datagrams get lost. */
const MAX_ASKS = 2;

type Place = {
  asks: number;
  isOpen: boolean;
  /** Others named it while the node was asked there. */
  isNamed: boolean;
};

/**
 * @param done Called once: with the node as it describes itself, or null.
 * @returns Cancels: `done` is not called after it.
 */
export function resolveNode(
  { check, lookUp }: Resolution,
  node: Node,
  done: (node: Node | null) => void,
): () => void {
  const places = new Map<string, Place>();
  const cancels: (() => void)[] = [];
  let open = 1; // the lookup
  let isOver = false;
  const end = (found: Node | null): void => {
    if (isOver) return;
    isOver = true;
    for (const cancel of cancels) cancel();
    done(found);
  };
  const closed = (): void => {
    open -= 1;
    if (open === 0) end(null);
  };
  const ask = (candidate: Node): void => {
    const isAddress = candidate.hostKind === 'ipv4' || candidate.hostKind === 'ipv6';
    if (isOver || !isAddress) return;
    const key = `${candidate.host} ${candidate.udpPort}`;
    const place = places.get(key) ?? { asks: 0, isOpen: false, isNamed: false };
    if (place.isOpen) place.isNamed = true;
    if (place.isOpen || place.asks === MAX_ASKS) return;
    if (place.asks === 0 && places.size === MAX_PLACES) return;
    places.set(key, place);
    place.asks += 1;
    place.isOpen = true;
    open += 1;
    cancels.push(
      check(candidate, (found) => {
        if (found) return end(found);
        place.isOpen = false;
        if (place.isNamed) ask(candidate);
        closed();
      }),
    );
  };
  ask(node);
  if (!isOver)
    cancels.push(
      lookUp(node, {
        onFound: (found) => {
          if (found.id === node.id) ask(found);
        },
        onEnd: closed,
      }),
    );
  if (isOver) for (const cancel of cancels) cancel();
  return () => {
    isOver = true;
    for (const cancel of cancels) cancel();
  };
}

type Search = (done: (node: Node | null) => void) => () => void;

/** Runs all searches at once: the first one that finds the node ends the others. As {@link resolveNode}. */
export function firstFound(
  searches: readonly Search[],
  done: (node: Node | null) => void,
): () => void {
  let open = searches.length;
  let isOver = open === 0;
  const cancels: (() => void)[] = [];
  const cancelAll = (): void => {
    isOver = true;
    for (const cancel of cancels.splice(0)) cancel();
  };
  if (isOver) done(null);
  for (const search of searches) {
    if (isOver) break;
    cancels.push(
      search((node) => {
        open -= 1;
        if (isOver || (!node && open > 0)) return;
        cancelAll();
        done(node);
      }),
    );
  }
  if (isOver) cancelAll(); // one that found the node at once
  return cancelAll;
}

/** As the actor that a dial asks. @param resolve As {@link resolveNode}. */
export const discoveryResolver = <Target>(
  resolve: (target: Target, done: (node: Node | null) => void) => () => void,
) =>
  fromCallback<EventObject, Target>(({ input, sendBack }) => {
    const report = (event: NodeResolverEvent): void => sendBack(event);
    return resolve(input, (node) =>
      report(
        node
          ? { type: 'node.found', host: node.host, port: node.tcpPort }
          : { type: 'node.notFound' },
      ),
    );
  });
