/** Networks of tables and searches, without sockets and time: every node knows one bootnode at first. */
import type { Node } from '../../src/io/crypto/node.ts';
import {
  beginSearch,
  isOver,
  type LookupSearch,
  takeToAsk,
  withAnswer,
  withFailure,
} from '../../src/machines/discovery/lookup-search.ts';
import {
  addFound,
  addInbound,
  closest,
  emptyTable,
  type NodeTable,
} from '../../src/machines/discovery/table.ts';
import { SeededRandom } from '../../src/testing/world/seeded-random.ts';
import { hostNumber, tableNode, tableRules } from './table-nodes.ts';

type Member = { readonly node: Node; table: NodeTable };

/** @param loss Share of the questions that are not answered. */
function networkOf(size: number, seed: number, loss: number) {
  const random = new SeededRandom(seed);
  const anyId = () => Buffer.from(random.bytes(32)).toString('hex');
  const members: Member[] = Array.from({ length: size }, (_, index) => {
    const node = tableNode(anyId(), { host: hostNumber(index) });
    return { node, table: emptyTable(tableRules({ selfId: node.id }), seed + index) };
  });
  const byId = new Map(members.map((member) => [member.node.id, member]));
  const [bootnode] = members;

  function lookUp(from: Member, targetId: string): LookupSearch {
    const seeds = closest(from.table, targetId, 16);
    let search = beginSearch({ targetId, selfId: from.node.id, seeds });
    for (;;) {
      search = takeToAsk(search).search;
      if (isOver(search)) break;
      const [id] = [...search.pending];
      const asked = byId.get(id!)!;
      if (random.chance(loss)) search = withFailure(search, id!);
      else {
        asked.table = addInbound(asked.table, from.node); // its endpoint proof
        search = withAnswer(search, id!, closest(asked.table, targetId, 16));
      }
    }
    for (const node of search.found) from.table = addFound(from.table, node);
    return search;
  }

  /** Every node looks for itself and for three random targets. */
  function refresh(): void {
    for (const member of members) {
      member.table = addFound(member.table, bootnode!.node);
      for (const target of [member.node.id, anyId(), anyId(), anyId()]) lookUp(member, target);
    }
  }
  return { members, lookUp, refresh };
}

/**
 * How many lookups of a node did not find it, after two refreshes of all.
 * @param step Every which node looks for every which other one.
 */
export function missedAfterTwoRefreshes(
  size: number,
  seed: number,
  loss: number,
  step: number,
): number {
  const { members, lookUp, refresh } = networkOf(size, seed, loss);
  refresh();
  refresh();
  const some = members.filter((_, index) => index % step === 0);
  const pairs = some.flatMap((from) => some.map((to) => [from, to.node] as const));
  return pairs.filter(
    ([from, { id }]) => id !== from.node.id && lookUp(from, id).closest[0]?.id !== id,
  ).length;
}
