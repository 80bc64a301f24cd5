/** Light, dark, or the system setting. */
import { describe, expect, test } from 'vitest';

import { Session } from '../../../../src/inspect/page/base/session.ts';
import { keepTheme, nextTheme } from '../../../../src/inspect/page/base/theme.ts';

function browser(kept?: string) {
  const storage = new Map(kept === undefined ? [] : [['peerchart.theme', kept]]);
  const worn = new Map<string, string>();
  const session = new Session();
  const root = {
    setAttribute: (name: string, value: string) => void worn.set(name, value),
    removeAttribute: (name: string) => void worn.delete(name),
  };
  return { storage, worn, session, root };
}

const storageOf = (map: Map<string, string>) => () => ({
  getItem: (key: string) => map.get(key) ?? null,
  setItem: (key: string, value: string) => void map.set(key, value),
});

test('the next theme wraps around', () => {
  expect([nextTheme('auto'), nextTheme('light'), nextTheme('dark')]).toEqual([
    'light',
    'dark',
    'auto',
  ]);
});

describe('a chosen theme', () => {
  test('is applied and stored', () => {
    const { storage, worn, session, root } = browser();
    const letGo = keepTheme(session, root, storageOf(storage));
    expect([...worn]).toEqual([]);
    session.theme.value = 'dark';
    expect([...worn]).toEqual([['data-theme', 'dark']]);
    expect(storage.get('peerchart.theme')).toBe('dark');
    session.theme.value = 'auto';
    expect([...worn]).toEqual([]);
    letGo();
    session.theme.value = 'light';
    expect([...worn]).toEqual([]);
  });

  test('is restored at the next visit', () => {
    const { storage, worn, session, root } = browser('light');
    keepTheme(session, root, storageOf(storage));
    expect(session.theme.value).toBe('light');
    expect(worn.get('data-theme')).toBe('light');
  });

  test('is ignored when it is unknown', () => {
    const { storage, session, root } = browser('pink');
    keepTheme(session, root, storageOf(storage));
    expect(session.theme.value).toBe('auto');
  });
});

test('the theme changes without storage too', () => {
  const { worn, session, root } = browser();
  keepTheme(session, root, () => {
    throw new Error('not allowed');
  });
  session.theme.value = 'dark';
  expect(worn.get('data-theme')).toBe('dark');
});
