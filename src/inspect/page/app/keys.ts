/** Keys and their commands. keyboard.tsx runs them, help.tsx prints the table. */

export type KeyCommand =
  | { readonly is: 'machine'; readonly place: number }
  | { readonly is: 'tab'; readonly tab: string }
  | { readonly is: 'filter' | 'pause' | 'all' | 'theme' | 'wide' | 'export' | 'open' | 'help' }
  | { readonly is: 'step'; readonly by: 1 | -1 };

/** The parts of a keyboard event that select a command. */
export type Press = {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** What has the focus: a text field, a control that uses the space bar, a slider, which uses the arrows too, or none. */
  readonly on: 'text' | 'control' | 'slider' | 'page';
};

/** In the order of the help sheet. */
export const KEYS: readonly {
  readonly keys: readonly string[];
  readonly does: string;
  readonly group: 'Views' | 'List' | 'Time' | 'Page';
}[] = [
  { keys: ['v'], does: 'overview', group: 'Views' },
  { keys: ['c'], does: 'connections and charts', group: 'Views' },
  { keys: ['p', 'd', 'l'], does: 'peers, dials, listener', group: 'Views' },
  { keys: ['n'], does: 'discovery: the table of nodes', group: 'Views' },
  { keys: ['s', 'a', 'r'], does: 'server, actors, reasons', group: 'Views' },
  { keys: ['1', '…', '7'], does: 'chart of a machine', group: 'Views' },
  { keys: ['/'], does: 'filter', group: 'List' },
  {
    keys: ['↑', '↓'],
    does: 'previous or next connection (in the list also k and j)',
    group: 'List',
  },
  { keys: ['Esc'], does: 'close a menu or the help, else show all connections', group: 'List' },
  { keys: ['Space'], does: 'pause or resume, play a recording', group: 'Time' },
  {
    keys: ['←', '→', '[', ']'],
    does: 'previous or next step of the selection, or of the recording',
    group: 'Time',
  },
  { keys: ['e'], does: 'export', group: 'Page' },
  { keys: ['o'], does: 'open a recording', group: 'Page' },
  { keys: ['f'], does: 'chart at full width', group: 'Page' },
  { keys: ['t'], does: 'theme: auto, light, dark', group: 'Page' },
  { keys: ['?'], does: 'this help', group: 'Page' },
];

const TABS: Readonly<Record<string, string>> = {
  v: 'overview',
  c: 'connections',
  p: 'peers',
  d: 'dials',
  n: 'discovery',
  l: 'listener',
  s: 'server',
  a: 'actors',
  r: 'reasons',
};

const COMMANDS: Readonly<Record<string, KeyCommand>> = {
  '/': { is: 'filter' },
  ' ': { is: 'pause' },
  Escape: { is: 'all' },
  t: { is: 'theme' },
  f: { is: 'wide' },
  e: { is: 'export' },
  o: { is: 'open' },
  '?': { is: 'help' },
  '[': { is: 'step', by: -1 },
  ']': { is: 'step', by: 1 },
  ArrowLeft: { is: 'step', by: -1 },
  ArrowRight: { is: 'step', by: 1 },
};

/** Null for keys left to the browser, to a text field or to the focused control. */
export function commandOf({ key, ctrlKey, metaKey, altKey, on }: Press): KeyCommand | null {
  if (ctrlKey || metaKey || altKey) return null;
  if (on === 'text' && key !== 'Escape') return null;
  if ((on === 'control' || on === 'slider') && key === ' ') return null;
  if (on === 'slider' && key.startsWith('Arrow')) return null;
  if (/^[1-9]$/.test(key)) return { is: 'machine', place: Number(key) - 1 };
  if (Object.hasOwn(TABS, key)) return { is: 'tab', tab: TABS[key]! };
  return Object.hasOwn(COMMANDS, key) ? COMMANDS[key]! : null;
}
