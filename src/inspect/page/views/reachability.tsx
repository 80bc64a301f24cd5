/** Card of the Discovery tab: what the router of our network does for us. */
import type { Discovery } from '../model/discovery.ts';
import { reachabilityOf } from '../model/reachability.ts';
import { Fact, PartTitle } from './fact.tsx';

export function Reachability({ mapper }: { readonly mapper: Discovery['mapper'] }) {
  if (!mapper) return null;
  return (
    <div class="card wide-card">
      <PartTitle>{`Behind a router (${mapper.mechanism})`}</PartTitle>
      <dl class="measures measures-row claims">
        {reachabilityOf(mapper, mapper.state).map(({ name, value, note }) => (
          <Fact key={name} name={name} note={note === '' ? undefined : note}>
            {value}
          </Fact>
        ))}
      </dl>
    </div>
  );
}
