/** All current peers. A line opens its connection. */

import { usePage } from '../base/page-context.tsx';
import { count, shortId, traffic, UNKNOWN } from '../model/amounts.ts';
import { matchingAttempts } from '../model/panel-filter.ts';
import { type PeerFacts, tablesOf } from '../model/tables.ts';
import { Lasting } from './ago.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { DirectionWord } from './fact.tsx';
import { AddPeer } from './node-actions.tsx';
import { PanelFilter } from './panel-filter.tsx';

const COLUMNS: readonly Column<PeerFacts>[] = [
  {
    id: 'client',
    label: 'Client',
    value: ({ client }) => client,
    cell: ({ client }) => <span class="clip wide-clip">{client || UNKNOWN}</span>,
  },
  {
    id: 'remote',
    label: 'Address',
    value: ({ remote }) => remote,
    cell: ({ remote }) => <code>{remote}</code>,
  },
  {
    id: 'id',
    label: 'Node id',
    value: ({ id }) => id,
    cell: ({ id }) => <code title={id}>{shortId(id)}</code>,
  },
  {
    id: 'protocols',
    label: 'Protocols',
    value: ({ protocols }) => protocols.join(' '),
    cell: ({ protocols, capabilities }) => (
      <span class="tags" title={`Capabilities: ${capabilities.join(', ') || 'none known'}`}>
        {protocols.map((protocol) => (
          <span class="tag" key={protocol}>
            {protocol}
          </span>
        ))}
      </span>
    ),
  },
  {
    id: 'direction',
    label: 'Direction',
    value: ({ direction }) => direction,
    cell: ({ direction }) => <DirectionWord direction={direction} />,
  },
  {
    id: 'trusted',
    label: 'Trusted',
    value: ({ trusted }) => (trusted === null ? null : Number(trusted)),
    cell: ({ trusted }) => (trusted === null ? UNKNOWN : trusted ? '✓ trusted' : ''),
  },
  {
    id: 'age',
    label: 'Age',
    isNumber: true,
    value: ({ age }) => age,
    cell: ({ age }) => <Lasting ms={age} />,
  },
  {
    id: 'in',
    label: 'Bytes in',
    isNumber: true,
    value: ({ bytesIn }) => bytesIn,
    cell: ({ bytesIn }) => traffic(bytesIn),
  },
  {
    id: 'out',
    label: 'Bytes out',
    isNumber: true,
    value: ({ bytesOut }) => bytesOut,
    cell: ({ bytesOut }) => traffic(bytesOut),
  },
];

export function Peers() {
  const { store, session } = usePage();
  store.changed.value; // drawn again with each frame
  const { peers, server } = tablesOf(store);
  const matching = matchingAttempts(store, session.filter.value);
  const shown = matching ? peers.filter(({ connection }) => matching(connection)) : peers;
  const limit = server?.maxPeers ?? null;
  return (
    <section class="view" aria-label="Peers">
      <header class="view-head">
        <h2>Peers</h2>
        <p>
          <b>{count(peers.length)}</b>
          {limit === null ? '' : ` of ${count(limit)}`}
        </p>
        <PanelFilter hits={shown.length} />
      </header>
      <AddPeer />
      <DataTable
        caption="Peers, one per line"
        columns={COLUMNS}
        lines={shown}
        keyOf={({ connection }) => connection}
        first={{ by: 'age', isDown: true }}
        filter={session.filter.value}
        onPick={({ connection }) =>
          () => {
            session.select(connection);
            session.tab.value = 'connections';
          }}
        empty={
          peers.length === 0
            ? 'No peers yet. Pending ones are under Connections.'
            : 'No peer matches the filter.'
        }
      />
    </section>
  );
}
