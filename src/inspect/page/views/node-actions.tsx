/** Actions on the server, if its owner allowed them: each asks for confirmation. */
import { useSignal } from '@preact/signals';
import { type ActionBody, type ActionName, act } from '../base/action-requests.ts';
import { usePage } from '../base/page-context.tsx';
import { identityOf } from '../model/attempts.ts';

/** Longest enode URL, in UTF-16 units. The server takes 4 KiB. */
const MAX_ENODE = 2_048;

const NODE_ACTIONS: readonly (readonly [ActionName, string, string])[] = [
  [
    'addPeer',
    'Add peer',
    'Add this node as a static peer? It is dialled again whenever the connection ends.',
  ],
  ['removePeer', 'Remove peer', 'Remove this node from the static peers and disconnect it?'],
  ['addTrustedPeer', 'Trust', 'Trust this node? It may connect when all peer slots are taken.'],
  ['removeTrustedPeer', 'Remove trust', 'Remove trust? The peer limits then apply to this node.'],
];

const useAllowed = (): boolean => usePage().store.about?.actions === true;

type Asked = { readonly name: ActionName; readonly body: ActionBody; readonly question: string };

/** Actions on any node, by its enode URL. */
export const NodeActions = () => <EnodeActions title="Node actions" actions={NODE_ACTIONS} />;

/** The first of them alone; without permission, how to get it. */
export function AddPeer() {
  const { store } = usePage();
  if (!useAllowed())
    return store.about?.source === 'live' ? (
      <p class="hint">
        To add peers here, start with <code>--inspect-actions</code>, or with the option{' '}
        <code>actions</code> of <code>inspect</code>.
      </p>
    ) : null;
  return <EnodeActions title="Add a peer" actions={NODE_ACTIONS.slice(0, 1)} />;
}

function EnodeActions({
  title,
  actions,
}: {
  readonly title: string;
  readonly actions: typeof NODE_ACTIONS;
}) {
  const allowed = useAllowed();
  const enode = useSignal('');
  const asked = useSignal<Asked | null>(null);
  if (!allowed) return null;
  const isEmpty = enode.value.trim() === '';
  return (
    <div class="card wide-card actions">
      <header class="part-title">
        <h3>{title}</h3>
      </header>
      <label>
        Enode URL
        <input
          type="text"
          spellcheck={false}
          autocomplete="off"
          placeholder="enode://…@host:port"
          maxLength={MAX_ENODE}
          value={enode.value}
          onInput={({ currentTarget }) => {
            enode.value = currentTarget.value;
            asked.value = null;
          }}
        />
      </label>
      <p class="action-buttons">
        {actions.map(([name, label, question]) => (
          <button
            type="button"
            key={name}
            disabled={isEmpty}
            onClick={() => {
              asked.value = { name, body: { enode: enode.value.trim() }, question };
            }}
          >
            {label}
          </button>
        ))}
      </p>
      <Question asked={asked.value} onOver={() => (asked.value = null)} />
    </div>
  );
}

/** Actions on the selected connection, while it is a peer. */
export function PeerActions({ attempt: key }: { readonly attempt: string }) {
  const { store } = usePage();
  store.changed.value; // drawn again with each frame
  const allowed = useAllowed();
  const asked = useSignal<Asked | null>(null);
  const attempt = store.attempts.get(key);
  if (!allowed || attempt?.peer?.status !== 'active') return null;
  const { id, client, remote } = identityOf(attempt);
  return (
    <div class="actions">
      <button
        type="button"
        class="quiet"
        disabled={id === ''}
        onClick={() => {
          const question = `Disconnect ${client || 'the peer'} at ${remote}?`;
          asked.value = { name: 'disconnect', body: { id }, question };
        }}
      >
        Disconnect…
      </button>
      <Question asked={asked.value} onOver={() => (asked.value = null)} />
    </div>
  );
}

function Question({ asked, onOver }: { readonly asked: Asked | null; onOver(): void }) {
  const { access } = usePage();
  const said = useSignal('');
  const doIt = async ({ name, body }: Asked): Promise<void> => {
    said.value = 'Sending…';
    said.value = (await act(access.request, name, body)) ?? 'Done.';
    onOver();
  };
  return (
    <>
      {asked && (
        <div class="question" role="alertdialog" aria-label="Are you sure?">
          <p>{asked.question}</p>
          <button type="button" class="sure" onClick={() => void doIt(asked)}>
            Yes
          </button>
          <button
            type="button"
            ref={(button) => button?.focus()}
            onClick={() => {
              said.value = '';
              onOver();
            }}
          >
            No
          </button>
        </div>
      )}
      <p class="said" role="status">
        {said.value}
      </p>
    </>
  );
}
