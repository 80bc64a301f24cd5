/** The card of DNS node lists on the Discovery tab. */
import type { ListFailure } from '../../discovery-protocol.ts';
import { count } from '../model/amounts.ts';
import type { Discovery } from '../model/discovery.ts';
import { ChartLink } from './chart-link.tsx';
import { PartTitle } from './fact.tsx';

/** States of the chart `dns-tree`, for people. */
const DOING: Readonly<Record<string, string>> = {
  'withoutRoot.resting': 'no node was wanted yet',
  'withoutRoot.checking': 'reading its root',
  'withoutRoot.pausing': 'no valid root: read again soon',
  'withRoot.reading': 'reading an entry',
  'withRoot.resting': 'has a node ready',
  'withRoot.betweenRounds': 'all nodes were given: pausing',
  'outdated.resting': 'its root is old: checked with the next node',
  'outdated.checking': 'checking its root',
  'outdated.pausing': 'pausing before its root is checked',
};

const FAILURES = {
  noTxtRecord: 'there is no TXT record',
  queryFailed: 'the name server failed',
  queryTimedOut: 'the name server did not answer',
  tooManyQueries: 'too many queries wait',
  entryTooLong: 'an entry is too long',
  unknownEntry: 'a TXT record is no entry',
  malformedRoot: 'there is no root',
  malformedSignature: 'the signature of the root cannot be read',
  badRootSignature: 'another key signed the root',
  staleRoot: 'the root is older than the known one',
  invalidChildHash: 'a branch names no hash',
  tooManyChildren: 'a branch names too many hashes',
  missingPublicKey: 'a link has no key',
  invalidPublicKey: 'the key of a link is none',
  invalidDomain: 'the domain of a link is none',
  invalidRecord: 'a node record cannot be read',
  hashMismatch: 'an entry has another hash',
  misplacedEntry: 'an entry is in the wrong half',
} as const satisfies Record<ListFailure, string>;

const failureWords = (why: string): string =>
  Object.hasOwn(FAILURES, why) ? FAILURES[why as ListFailure] : why;

export const NodeLists = ({ lists }: { readonly lists: Discovery['lists'] }) => (
  <div class="card wide-card">
    <PartTitle count={count(lists.length)} tools={<ChartLink machine="dns-tree" />}>
      DNS node lists
    </PartTitle>
    <ul class="lines">
      {lists.map(({ actor, state, listUrl, rootSeq, nodes, unread, lastFailure }) => (
        <li key={actor}>
          <span class="node-list">
            <code title={listUrl}>{domainOf(listUrl)}</code>
            <small class="note">{progressOf(rootSeq, nodes, unread)}</small>
            {lastFailure !== null && (
              <small class="note">
                <span aria-hidden="true">✕</span> {failureWords(lastFailure)}
              </small>
            )}
          </span>
          <span class="doing" title={state}>
            {DOING[state] ?? state}
          </span>
        </li>
      ))}
    </ul>
  </div>
);

/** @param rootSeq Null without a root; a masked recording has 0. */
function progressOf(rootSeq: number | null, nodes: number, unread: number): string {
  if (rootSeq === null) return 'no root yet';
  const root = rootSeq === 0 ? 'root' : `root ${rootSeq}`;
  return `${root}, ${count(nodes)} nodes in this round, ${count(unread)} entries to read`;
}

/** What is after the key; a pseudonym has none. */
const domainOf = (url: string): string => url.slice(url.indexOf('@') + 1);
