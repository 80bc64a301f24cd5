/** Runs the key commands of keys.ts, whatever has the focus. Draws nothing. */
import { useEffect } from 'preact/hooks';
import { type Page, usePage } from '../base/page-context.tsx';
import { nextTheme } from '../base/theme.ts';
import { MACHINES } from '../chart/charts.ts';
import { stepAt, storyOf } from '../model/story.ts';
import { pickFile } from '../recording/file-drop.tsx';
import { FileSource } from '../recording/file-source.ts';
import { commandOf, type KeyCommand, type Press } from './keys.ts';

export function Keyboard() {
  const page = usePage();
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || page.session.help.value) return;
      const { key, ctrlKey, metaKey, altKey, target } = event;
      const command = commandOf({ key, ctrlKey, metaKey, altKey, on: placeOf(target) });
      if (command && obey(command, page)) event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [page]);
  return null;
}

function placeOf(target: EventTarget | null): Press['on'] {
  if (!(target instanceof Element)) return 'page';
  if (target.matches('input:not([type=range]), textarea, select')) return 'text';
  if (target.matches('input[type=range]')) return 'slider';
  return target.closest('button, a, summary, input') ? 'control' : 'page';
}

/** @returns whether the command had an effect. */
function obey(command: KeyCommand, { store, session }: Page): boolean {
  switch (command.is) {
    case 'machine': {
      const machine = MACHINES[command.place];
      if (machine === undefined) return false;
      session.tab.value = 'connections';
      session.machine.value = machine;
      return true;
    }
    case 'tab':
      session.tab.value = command.tab;
      return true;
    case 'filter': {
      const input = document.querySelector<HTMLInputElement>('input[type=search]');
      input?.focus();
      input?.select();
      return input !== null;
    }
    case 'pause': {
      const source = session.source.value;
      if (source instanceof FileSource) source.toggle();
      else if (session.connectivity.value === 'paused') source?.resume();
      else source?.pause();
      return source !== null;
    }
    case 'all':
      if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur();
      else session.select(null);
      return true;
    case 'theme':
      session.theme.value = nextTheme(session.theme.value);
      return true;
    case 'wide':
      session.isWide.value = !session.isWide.value;
      return true;
    case 'export':
      openExport();
      return true;
    case 'open':
      pickFile({ store, session });
      return true;
    case 'help':
      session.help.value = true;
      return true;
    case 'step':
      return step(command.by, { store, session });
  }
}

/** With the focus in the menu, where Escape closes it. */
function openExport(): void {
  const button = document.querySelector<HTMLElement>('[data-export]');
  button?.focus();
  button?.click();
}

/** Through the steps of the selection, otherwise through the recording. */
function step(by: 1 | -1, { store, session }: Page): boolean {
  const { selected, source } = session;
  const story = selected.value === null ? undefined : storyOf(store, selected.value);
  if (story)
    session.step.value = stepAt(story, (session.step.value ?? story.steps.length - 1) + by);
  else if (source.value instanceof FileSource) source.value.step(by);
  else return false;
  return true;
}
