/** What the router of our network does for us, in words: from the row and the state of the port mapper. */
import type { MapperRow, MappingView } from '../../discovery-protocol.ts';

export type Line = {
  readonly name: string;
  readonly value: string;
  readonly note: string;
};

const SEARCH: Readonly<Record<string, string>> = {
  searching: 'a router is searched for',
  noGateway: 'the next search is in 5 min',
  closing: 'the mappings are being deleted',
  closed: 'it has stopped',
};

const ADDRESS: Readonly<Record<string, string>> = {
  asking: 'it is asked for',
  known: 'our record claims it, unless the operator gave one',
  notPublic: 'it is private: the router stands behind another one',
  unknown: 'the router gives none; it is asked again in 2 min',
};

const PORT: Readonly<Record<string, string>> = {
  unbound: 'nothing listens',
  requesting: 'the router is asked to map it',
  mapped: 'the router leads there; renewed every 8 min',
  refreshing: 'the mapping is being renewed',
  deleting: 'the mapping is being deleted',
  unmapped: 'the router does not map it; it is asked again in 5 min',
  notSupported: 'this mechanism maps no ports',
  loopback: 'it is bound to a loopback address, which no router reaches',
};

/** @param state Of the port mapper, such as `serving.address.known+serving.tcp.mapped+…`. */
export function reachabilityOf(row: MapperRow, state: string): readonly Line[] {
  const regions = new Map(
    state.split('+').map((path) => {
      const [, region = '', leaf = ''] = path.split('.');
      return [region, leaf];
    }),
  );
  const phase = state.split('.')[0] ?? '';
  const router: Line = {
    name: 'Router',
    value: row.gateway || 'none',
    note: [SEARCH[phase] ?? '', row.fault].filter((text) => text !== '').join(': '),
  };
  if (phase !== 'serving') return [router];
  return [
    router,
    {
      name: 'External address',
      value: row.external || 'none',
      note: ADDRESS[regions.get('address') ?? ''] ?? '',
    },
    ...row.mappings.map((mapping) => lineOf(mapping, regions.get(mapping.protocol) ?? '')),
  ];
}

function lineOf({ protocol, port, externalPort, failures }: MappingView, state: string): Line {
  const note =
    state === 'retrying'
      ? `it was not renewed, ${failures} of 6 times; tried again in 5 min`
      : (PORT[state] ?? '');
  const ways = externalPort === 0 ? `${port}` : `${externalPort} → ${port}`;
  return { name: `${protocol.toUpperCase()} port`, value: port === 0 ? 'none' : ways, note };
}
