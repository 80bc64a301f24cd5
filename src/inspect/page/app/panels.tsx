/** The tabs, the tools of the header, and the overlays of the page. */
import type { ComponentType } from 'preact';
import { ExportMenu } from '../recording/export-menu.tsx';
import { FileDrop } from '../recording/file-drop.tsx';
import { PlayBar } from '../recording/play-bar.tsx';
import { Actors } from '../views/actors.tsx';
import { Dials } from '../views/dials.tsx';
import { Discovery } from '../views/discovery.tsx';
import { Landing } from '../views/landing.tsx';
import { Listener } from '../views/listener.tsx';
import { Peers } from '../views/peers.tsx';
import { Reasons } from '../views/reasons.tsx';
import { ServerView } from '../views/server.tsx';
import { HelpButton, HelpSheet } from './help.tsx';
import { Keyboard } from './keyboard.tsx';

export type Panel = {
  /** In the address. */
  readonly id: string;
  readonly label: string;
  /** Drawn below the header at full width. */
  readonly View: ComponentType;
};

/** Tabs, in their order; `Connections` is the second. */
export const PANELS: readonly Panel[] = [
  { id: 'overview', label: 'Overview', View: Landing },
  { id: 'peers', label: 'Peers', View: Peers },
  { id: 'dials', label: 'Dials', View: Dials },
  { id: 'discovery', label: 'Discovery', View: Discovery },
  { id: 'listener', label: 'Listener', View: Listener },
  { id: 'server', label: 'Server', View: ServerView },
  { id: 'actors', label: 'Actors', View: Actors },
  { id: 'reasons', label: 'Reasons', View: Reasons },
];

/** Buttons at the right of the header, after Pause and the theme. */
export const HEADER_TOOLS: readonly ComponentType[] = [ExportMenu, HelpButton];

/** Drawn over the page, at the end of the document. */
export const OVERLAYS: readonly ComponentType[] = [PlayBar, HelpSheet, FileDrop, Keyboard];
