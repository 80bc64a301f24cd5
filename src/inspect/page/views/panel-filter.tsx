/** The filter of the list of connections, shown above a table. */
import { usePage } from '../base/page-context.tsx';

export function PanelFilter({ hits }: { readonly hits: number }) {
  const { session } = usePage();
  return (
    <div class="view-filter">
      <input
        type="search"
        aria-label="Filter, shared with the list of connections"
        placeholder="Filter: client:geth dir:in state:active ip:10.0.0.0/8"
        value={session.filter.value}
        onInput={({ currentTarget }) => {
          session.filter.value = currentTarget.value;
        }}
      />
      <output>{session.filter.value === '' ? '' : `${hits} found`}</output>
    </div>
  );
}
