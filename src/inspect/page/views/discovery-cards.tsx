/** Cards of the Discovery tab: our record, endpoint proofs, sessions, lookups and packets. */
import type { ComponentChildren } from 'preact';
import type { ClaimView, LocalNodeRow, LookupRow, PacketsView } from '../../discovery-protocol.ts';
import { useHeldRows, WaitingRows } from '../base/held-rows.tsx';
import { usePage } from '../base/page-context.tsx';
import { count, shortId, traffic } from '../model/amounts.ts';
import type { Discovery } from '../model/discovery.ts';
import { duration } from '../model/durations.ts';
import { Ago, Lasting } from './ago.tsx';
import { CopyText } from './copy-text.tsx';
import { Fact, PartTitle, Share } from './fact.tsx';

const WHY: Readonly<Record<ClaimView['why'], string>> = {
  static: 'the operator gave this address',
  gateway: 'the router of our network has this address',
  predicted: 'other nodes see this endpoint',
  fallback: 'nothing better is known than where it listens',
};

export function LocalRecord({ record }: { readonly record: LocalNodeRow | null }) {
  if (!record) return null;
  return (
    <div class="card wide-card">
      <PartTitle>Our node record</PartTitle>
      <dl class="measures measures-row claims">
        <Fact name="Sequence number">
          {record.record === '' ? 'no record yet' : record.seq || 'masked'}
        </Fact>
        <Claim family="IPv4" claim={record.ipv4} />
        <Claim family="IPv6" claim={record.ipv6} />
      </dl>
      <CopyText text={record.record} />
    </div>
  );
}

const Claim = ({
  family,
  claim,
}: {
  readonly family: string;
  readonly claim: ClaimView | null;
}) => (
  <Fact name={family} note={claim ? `${claim.why}: ${WHY[claim.why]}` : undefined}>
    {claim ? <code>{claim.remote}</code> : 'no address'}
  </Fact>
);

type Counted<Items> = Items & { readonly total: number };

export const Proofs = ({ proofs, total }: Counted<Pick<Discovery, 'proofs'>>) => (
  <Running
    title="Endpoint proofs under way"
    items={proofs}
    total={total}
    empty="No endpoint is being proven."
  />
);

export const Sessions = ({ sessions, total }: Counted<Pick<Discovery, 'sessions'>>) => (
  <Running title="Sessions" items={sessions} total={total} empty="No session with a node." />
);

/** Each node with the state of its actor, and for how long it has run. */
function Running(props: Omit<HeldProps<Discovery['proofs'][number]>, 'children'>) {
  const { store } = usePage();
  return (
    <Held {...props}>
      {({ id, remote, state, startedAt }) => (
        <>
          <NodeWords id={id} remote={remote} />
          <span class="doing">
            {wordsOf(state)} <Lasting ms={store.now - startedAt} />
          </span>
        </>
      )}
    </Held>
  );
}

export function Lookups({
  lookups,
  total,
}: {
  readonly lookups: Discovery['lookups'];
  readonly total: number;
}) {
  return (
    <Held title="Lookups" items={lookups} total={total} empty="No lookup yet.">
      {(lookup) => (
        <details class="lookup">
          <summary>
            <span>
              for <code title={lookup.target}>{shortId(lookup.target)}</code>
            </span>
            <span class="doing">
              {wordsOf(lookup.state)}
              {lookup.endedAt !== null && (
                <>
                  {' '}
                  <Ago at={lookup.endedAt} />
                </>
              )}
            </span>
            <small>{resultOf(lookup)}</small>
          </summary>
          <Path lookup={lookup} />
        </details>
      )}
    </Held>
  );
}

function resultOf({ path, found, startedAt, endedAt }: Discovery['lookups'][number]): string {
  if (path.length === 0 && endedAt !== null) return 'there was no node to ask';
  const answered = path.filter(({ answer }) => answer === 'nodes').length;
  const took = endedAt === null ? '' : ` in ${duration(endedAt - startedAt)}`;
  return `${count(answered)} of ${count(path.length)} asked nodes answered${took}, ${count(found)} known`;
}

/** Marks and words of answers. */
const ANSWERS = {
  'none yet': ['…', 'no answer yet'],
  nodes: ['✓', 'answered'],
  nothing: ['✕', 'no nodes from it'],
} as const;

/** Who was asked, one after the other. */
function Path({ lookup: { path } }: { readonly lookup: LookupRow }) {
  if (path.length === 0) return <p class="hint">No node was asked.</p>;
  return (
    <ol class="path">
      {path.map(({ id, remote, answer }) => {
        const [mark, words] = ANSWERS[answer];
        return (
          <li key={id}>
            <NodeWords id={id} remote={remote} />
            <span class={answer === 'nothing' ? 'doing muted-words' : 'doing'}>
              <span aria-hidden="true">{mark}</span> {words}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** What is behind a refusal that its name does not say. */
const REFUSED: Readonly<Record<string, string>> = {
  unprovenEndpoint: 'asked for nodes or a record without an endpoint proof',
  sourceBudget: 'too many packets from one source',
  answerBudget: 'too many answers to endpoints that have proven nothing',
  recoveryBudget: 'no time left to recover keys',
  expired: 'too old, or a clock is wrong',
  duplicatePacket: 'the same packet came a short time ago',
  notInNetRestrict: 'from outside the networks in netRestrict',
  undecryptable: 'the session of the sender is not ours: WHOAREYOU is the answer',
  whoareyouBudget: 'too many datagrams of a kind that is answered by WHOAREYOU',
};

const PACKET_WORDS: Readonly<Record<string, string>> = {
  findNode: 'findnode',
  enrRequest: 'ENR request',
  enrResponse: 'ENR response',
  talkRequest: 'talk request',
  talkResponse: 'talk response',
  random: 'random packet',
  whoareyou: 'WHOAREYOU',
};

const BUDGETS: Readonly<Record<string, string>> = {
  requests: 'Requests that wait for an answer',
  proofs: 'Nodes that have proven an address',
  sessions: 'Sessions with keys',
  handshakes: 'Handshakes under way',
  talks: 'Talk requests being answered',
  sources: 'Sources with a budget',
};

export function Packets({ packets }: { readonly packets: PacketsView }) {
  const { byType, refused, budgets, bytesIn, bytesOut, unsent } = packets;
  return (
    <>
      <div class="card">
        <PartTitle>Packets</PartTitle>
        <table class="data small-table">
          <caption class="only-read-aloud">Packets by type</caption>
          <thead>
            <tr>
              <th scope="col">Type</th>
              <th scope="col" class="number">
                In
              </th>
              <th scope="col" class="number">
                Out
              </th>
            </tr>
          </thead>
          <tbody>
            {byType.map(({ packet, received, sent }) => (
              <tr key={packet}>
                <th scope="row">{PACKET_WORDS[packet] ?? packet}</th>
                <td class="number">{count(received)}</td>
                <td class="number">{count(sent)}</td>
              </tr>
            ))}
            <tr>
              <th scope="row">bytes</th>
              <td class="number">{traffic(bytesIn)}</td>
              <td class="number">{traffic(bytesOut)}</td>
            </tr>
          </tbody>
        </table>
        {unsent > 0 && <p class="more">{count(unsent)} dropped instead of being sent</p>}
      </div>
      <div class="card">
        <PartTitle count={count(refused.length)}>Refused, by reason</PartTitle>
        {refused.length === 0 ? (
          <p class="empty">No datagram was refused.</p>
        ) : (
          <ul class="lines">
            {refused.map(({ reason, count: times }) => (
              <li key={reason}>
                <span>
                  {wordsOf(reason)}
                  {REFUSED[reason] && <small class="note">{REFUSED[reason]}</small>}
                </span>
                <b>{count(times)}</b>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="card">
        <PartTitle>Budgets in use</PartTitle>
        <dl class="measures">
          {budgets.map(({ budget, used, of }) => (
            <Fact key={budget} name={BUDGETS[budget] ?? budget}>
              {count(used)} <small>of {count(of)}</small>
              <Share used={used} of={of} />
            </Fact>
          ))}
        </dl>
      </div>
    </>
  );
}

const wordsOf = (name: string): string =>
  name.slice(name.lastIndexOf('.') + 1).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const NodeWords = ({ id, remote }: { readonly id: string; readonly remote: string }) => (
  <span class="dialled-node">
    <code title={id}>{shortId(id)}</code> <span class="remote">{remote}</span>
  </span>
);

type HeldProps<Item> = {
  readonly title: string;
  readonly items: readonly Item[];
  readonly total: number;
  readonly empty: string;
  children(item: Item): ComponentChildren;
};

/** A list that stays under the mouse, with its length, or a text when it is empty. */
function Held<Item extends { readonly actor: number }>({
  title,
  items,
  total,
  empty,
  children,
}: HeldProps<Item>) {
  const { rows, waiting, listeners, release } = useHeldRows(
    items,
    ({ actor }) => `${actor}`,
    title,
  );
  return (
    <div class="card" {...listeners}>
      <PartTitle count={count(total)}>{title}</PartTitle>
      <WaitingRows waiting={waiting} release={release} />
      {rows.length === 0 ? (
        <p class="empty">{empty}</p>
      ) : (
        <ul class="lines">
          {rows.map((item) => (
            <li key={item.actor}>{children(item)}</li>
          ))}
        </ul>
      )}
      {total > items.length && <p class="more">and {count(total - items.length)} more</p>}
    </div>
  );
}
