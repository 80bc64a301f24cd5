/** A button that opens the chart of a machine. */
import { usePage } from '../base/page-context.tsx';

export function ChartLink({ machine }: { readonly machine: string }) {
  const { store, session } = usePage();
  return (
    <button
      type="button"
      class="quiet"
      onClick={() => {
        const actor = [...store.actors.values()].find((one) => one.machine === machine);
        session.machine.value = machine;
        session.select(actor ? `a${actor.number}` : null);
        session.tab.value = 'connections';
      }}
    >
      Show chart
    </button>
  );
}
