/** The help sheet: keys, filter terms, and the marks of a chart. */
import { useEffect, useRef } from 'preact/hooks';
import { usePage } from '../base/page-context.tsx';
import type { ServerAccess } from '../base/server-access.ts';
import type { Session } from '../base/session.ts';
import { KEYS } from './keys.ts';

const FILTERS: readonly (readonly [string, string])[] = [
  ['geth', 'text anywhere: state, address, client, id'],
  ['stage:hello', 'in this stage; the stages of the overview'],
  ['state:protoHandshake', 'in this state or in one inside it'],
  ['reason:tooManyPeers', 'ended for this reason'],
  ['dir:in', 'direction: in, out, static, dynamic'],
  ['client:reth', 'client name in their Hello'],
  ['ip:10.0.0.0/8', 'address, start of an address, or network'],
  ['id:4a2f', 'start of the node id'],
  ['age:<5', 'younger than 5 s; also age:>2m, age:<300ms'],
  ['-dir:in', 'a minus in front excludes matches'],
];

const MARKS: readonly (readonly [string, string])[] = [
  ['number on a box', 'actors in this state now'],
  ['width of an arrow', 'how often the transition is taken now'],
  ['✕ row', 'an ending and its count'],
  ['→ row', 'leads to a state elsewhere in the chart; a click goes there'],
  ['› box', 'reasons for an end; a click or Enter lists them'],
  ['bold frame', 'the selection is there now'],
  ['pale blue', 'states and transitions that the selection went through'],
  ['dashed arrow', 'taken after a time limit'],
  ['double border', 'final state'],
  ['drag, wheel, arrow keys', 'move the chart; arrow keys when it has the focus'],
  ['+ − 0, Ctrl and wheel', 'zoom, or fit and go to the active states'],
];

export function HelpSheet() {
  const { session, access } = usePage();
  const sheet = useRef<HTMLDialogElement>(null);
  const isOpen = session.help.value;
  useEffect(() => {
    if (isOpen) sheet.current?.showModal();
    else sheet.current?.close();
  }, [isOpen]);
  const close = (): void => {
    session.help.value = false;
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the sheet closes it, as Escape does
    <dialog
      class="help"
      ref={sheet}
      aria-labelledby="help-title"
      onClose={close}
      onClick={({ target }) => {
        if (target === sheet.current) close();
      }}
    >
      {isOpen && (
        <div class="help-sheet">
          <header>
            <h2 id="help-title">Help</h2>
            <button type="button" class="quiet" onClick={close}>
              Close
            </button>
          </header>
          <div class="help-parts">
            {(['Views', 'List', 'Time', 'Page'] as const).map((group) => (
              <section key={group}>
                <h3>{group}</h3>
                <dl class="keys">
                  {KEYS.filter((key) => key.group === group).map(({ keys, does }) => (
                    <div key={does}>
                      <dt>{keys.map((key) => (key === '…' ? '…' : <kbd key={key}>{key}</kbd>))}</dt>
                      <dd>{does}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
            <Pairs title="Filter" pairs={FILTERS} isCode />
            <Pairs title="In the chart" pairs={MARKS} />
          </div>
          {session.connectivity.value !== 'signedOut' && access.hasToken && (
            <p class="session">
              <button
                type="button"
                class="quiet"
                onClick={() => {
                  close();
                  void signOut(session, access);
                }}
              >
                Close the session
              </button>{' '}
              This tab then needs a new link. A session also ends 12 hours after its last request.
            </p>
          )}
          <p class="hint">
            Click a state or a ✕ row of a chart to list its connections. The address of this page
            links to the current view.
          </p>
        </div>
      )}
    </dialog>
  );
}

async function signOut(session: Session, access: ServerAccess): Promise<void> {
  if (session.connectivity.value !== 'file') session.source.value?.close();
  await access.close();
  session.advice.value = 'Session closed. Copy a new link from the terminal where the node runs.';
  if (session.connectivity.value !== 'file') session.connectivity.value = 'signedOut';
}

function Pairs({
  title,
  pairs,
  isCode = false,
}: {
  readonly title: string;
  readonly pairs: readonly (readonly [string, string])[];
  readonly isCode?: boolean;
}) {
  return (
    <section>
      <h3>{title}</h3>
      <dl class="keys">
        {pairs.map(([term, words]) => (
          <div key={term}>
            <dt>{isCode ? <code>{term}</code> : term}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function HelpButton() {
  const { session } = usePage();
  return (
    <button
      type="button"
      aria-label="Help"
      onClick={() => {
        session.help.value = true;
      }}
    >
      ?
    </button>
  );
}
