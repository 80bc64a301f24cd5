/** The filter of the list of connections, shown above a table. */
import { usePage } from '../base/page-context.tsx';
import { readFilter } from '../model/filter.ts';

export function PanelFilter({ hits }: { readonly hits: number }) {
  const { session } = usePage();
  const flawed = readFilter(session.filter.value).find(({ isBad }) => isBad);
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
      <output>
        {flawed ? `${flawed.flaw}, ignored` : session.filter.value === '' ? '' : `${hits} found`}
      </output>
    </div>
  );
}
