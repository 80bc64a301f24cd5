/** The panels beside the connections, and what the header and the page get from them. */
import type { ComponentType } from 'preact';

export type Panel = {
  /** In the address. */
  readonly id: string;
  readonly label: string;
  /** Takes the whole width below the header. */
  readonly View: ComponentType;
};

/** Tabs, in their order, after `Connections`. */
export const PANELS: readonly Panel[] = [];

/** Buttons at the right of the header, after Pause and the theme: export, help. */
export const HEADER_TOOLS: readonly ComponentType[] = [];

/** Sheets and what else lies over the page, drawn at its end. */
export const OVERLAYS: readonly ComponentType[] = [];

/** Lines at the top of the details of a selected connection, such as actions. */
export const DETAIL_TOOLS: readonly ComponentType<{ readonly attempt: string }>[] = [];
