/** What the page shows without a session: how to get one. */
import { usePage } from '../base/page-context.tsx';

export function SignedOut() {
  const { session } = usePage();
  return (
    <section class="signed-out card">
      <h2>No session</h2>
      <p role="status">{session.advice.value}</p>
      <p class="hint">
        The link is printed where the node runs: by <code>peerchart run --inspect</code>, by{' '}
        <code>peerchart inspect</code>, or as the <code>link</code> of the inspector in your
        program.
      </p>
    </section>
  );
}
