/** The part of the session kept in the hash of the address, so that a view can be linked. The theme is not in it. */

export type Place = {
  readonly tab: string;
  readonly machine: string;
  readonly filter: string;
  readonly list: 'live' | 'ended';
  readonly selected: string | null;
  readonly step: number | null;
};

export const FIRST_PLACE: Place = {
  tab: 'overview',
  machine: 'connection-setup',
  filter: '',
  list: 'live',
  selected: null,
  step: null,
};

/** Longest text of one part, in UTF-16 units: links are untrusted. */
const MAX_TEXT = 256;

/** Without the `#`; only the parts that differ from `FIRST_PLACE`. */
export function writePlace(place: Place): string {
  const parts = new URLSearchParams();
  for (const key of KEYS) {
    const value = place[key];
    if (value !== null && value !== FIRST_PLACE[key]) parts.set(key, String(value));
  }
  return parts.toString();
}

/** Invalid parts take the value of `FIRST_PLACE`. @param known Existing tabs and machines. */
export function readPlace(
  hash: string,
  known: { readonly tabs: readonly string[]; readonly machines: readonly string[] },
): Place {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const text = (key: keyof Place) => parts.get(key)?.slice(0, MAX_TEXT) ?? '';
  const among = (key: 'tab' | 'machine', all: readonly string[]) =>
    all.includes(text(key)) ? text(key) : FIRST_PLACE[key];
  const selected = /^[ad]?\d+$/.test(text('selected')) ? text('selected') : null;
  const isStep = selected !== null && /^\d{1,6}$/.test(text('step'));
  return {
    tab: among('tab', known.tabs),
    machine: among('machine', known.machines),
    filter: text('filter'),
    list: text('list') === 'ended' ? 'ended' : 'live',
    selected,
    step: isStep ? Number(text('step')) : null,
  };
}

const KEYS = ['tab', 'machine', 'filter', 'list', 'selected', 'step'] as const;
