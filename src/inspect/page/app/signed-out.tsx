/** What the page shows without a session: which step leads to one. */
import { Logo } from '../base/icons.tsx';
import { usePage } from '../base/page-context.tsx';

export function SignedOut() {
  const { session } = usePage();
  return (
    <section class="signed-out card">
      <Logo />
      <h2>Link expired</h2>
      <p role="status">{session.advice.value}</p>
      <ol>
        <li>
          Go to the terminal where the node runs. After <code>peerchart run --inspect</code> or{' '}
          <code>peerchart demo</code>, a new link is its last line: opening this page made it.
        </li>
        <li>Copy that link and open it in this tab. It works once, within 60 seconds.</li>
      </ol>
      <p class="hint">
        In your own program: print <code>inspector.newLink()</code>, or pass <code>onLink</code>.
      </p>
    </section>
  );
}
