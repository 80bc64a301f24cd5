import { describe, expect, expectTypeOf, test } from 'vitest';

import {
  boolean,
  type Cases,
  endpoint,
  type Fields,
  type Form,
  FormError,
  facts,
  handle,
  host,
  list,
  nodeId,
  nothing,
  nullable,
  number,
  oneOf,
  optional,
  publicKey,
  type Reading,
  record,
  text,
  type Writing,
  word,
} from '../../../src/inspect/recording/form.ts';
import { createMask, NO_MASK } from '../../../src/inspect/recording/mask.ts';

const writing = (changes: Partial<Writing> = {}): Writing => ({
  mask: NO_MASK,
  hosts: null,
  markIncomplete: () => {
    throw new Error('given up');
  },
  ...changes,
});
const reading = (): Reading => ({ hostAnswers: new Map() });

type Pair = { readonly name: string; readonly age?: number };
const pair = record<Pair>({ name: word(), age: optional(number) });
type Move = { readonly type: 'go'; readonly to: string } | { readonly type: 'stay' };
const move = oneOf<Move>({ go: { to: text }, stay: {} });
const inert = { inert: true };

describe('a written value is read back', () => {
  test.for<[name: string, form: Form<never>, value: unknown]>([
    ['a word', word() as Form<never>, 'here'],
    ['a number', number as Form<never>, 0],
    ['a flag', boolean as Form<never>, false],
    ['nothing', nullable(number) as Form<never>, null],
    ['something that may be nothing', nullable(number) as Form<never>, 5],
    ['a list', list(number) as Form<never>, [1, 2]],
    ['a record', pair as Form<never>, { name: 'a', age: 1 }],
    ['a record with a hole', pair as Form<never>, { name: 'a' }],
    ['one of a union', move as Form<never>, { type: 'go', to: 'x' }],
    ['another one', move as Form<never>, { type: 'stay' }],
    ['facts', facts as Form<never>, { a: 'b', c: 1, d: true }],
    ['an endpoint', endpoint as Form<never>, { host: '192.0.2.1', port: 5 }],
  ])('%s', ([, form, value]) => {
    const json = JSON.parse(JSON.stringify(form.write(value as never, writing()))) as unknown;
    expect(form.read(json, reading())).toEqual(value);
  });

  test('except a handle, which is read as an object that does nothing', () => {
    const form = handle('link', inert);
    expect(form.write({ inert: false }, writing())).toEqual({ $: 'link' });
    expect(form.read({ $: 'link' }, reading())).toBe(inert);
  });

  test('except a value that no machine reads', () => {
    expect(nothing.write({ secret: 1 }, writing())).toBe(null);
    expect(nothing.read(null, reading())).toBe(undefined);
  });
});

test('only listed fields are written', () => {
  const more = { name: 'a', secret: 'b' };
  expect(pair.write(more, writing())).toEqual({ name: 'a' });
});

test('a field or a case that is not listed does not compile', () => {
  expectTypeOf<{ name: Form<string> }>().not.toExtend<Fields<Pair>>();
  expectTypeOf<{ go: { to: Form<string> } }>().not.toExtend<Cases<Move>>();
  expectTypeOf<{ go: { to: Form<string> }; stay: Record<never, never> }>().toExtend<Cases<Move>>();
});

describe('a value without a form', () => {
  test('marks the event as incomplete', () => {
    let given = 0;
    const giveUp = (): void => {
      given += 1;
    };
    expect(move.write({ type: 'fly' } as never, writing({ markIncomplete: giveUp }))).toEqual({
      type: 'fly',
    });
    expect(given).toBe(1);
  });
});

describe('JSON that does not match a form is refused with the path of the field', () => {
  test.for<[form: Form<never>, json: unknown, message: string]>([
    [word() as Form<never>, 5, 'expected a string'],
    [pair as Form<never>, [], 'expected an object'],
    [pair as Form<never>, { name: 5 }, 'name: expected a string'],
    [list(pair) as Form<never>, [{ name: 'a' }, { name: 1 }], '[1].name: expected a string'],
    [
      record<{ a: readonly number[] }>({ a: list(number) }) as Form<never>,
      { a: [1, ''] },
      'a[1]: expected a number',
    ],
    [list(number) as Form<never>, {}, 'expected a list'],
    [move as Form<never>, { type: 'toString' }, 'expected a known "type"'],
    [facts as Form<never>, { a: {} }, 'expected strings, numbers and booleans'],
    [handle('link', inert) as Form<never>, { $: 'stream' }, 'expected { "$": "link" }'],
    [pair as Form<never>, JSON.parse('{"__proto__":{"name":"a"}}'), 'name: expected a string'],
    [pair as Form<never>, null, 'expected an object'],
  ])('%#', ([form, json, message]) => {
    expect(() => form.read(json, reading())).toThrow(FormError);
    expect(() => form.read(json, reading())).toThrow(message);
  });
});

describe('a mask', () => {
  const mask = createMask(new Uint8Array(32), 'us');
  test('replaces ids, keys and hosts, in texts too', () => {
    const masked = writing({ mask });
    expect(nodeId.write('ab', masked)).toBe(mask.id('ab'));
    expect(publicKey.write('ab', masked)).toBe(mask.publicKey('ab'));
    expect(endpoint.write({ host: '192.0.2.1', port: 5 }, masked)).toEqual({
      host: mask.host('192.0.2.1'),
      port: 5,
    });
    expect(facts.write({ a: '192.0.2.1', b: 1 }, masked)).toEqual({
      a: mask.host('192.0.2.1'),
      b: 1,
    });
    expect(word().write('192.0.2.1', masked)).toBe('192.0.2.1');
  });
});

describe('a host with rules', () => {
  const hosts = { isInNetRestrict: (asked: string) => asked === 'a', isCandidateHost: () => false };
  const answered = { host: 'a', isInNetRestrict: true, isCandidateHost: false };

  test('is written with their results, which are known when it is read', () => {
    expect(host.write('a', writing({ hosts }))).toEqual(answered);
    const read = reading();
    expect(host.read(answered, read)).toBe('a');
    expect(read.hostAnswers.get('a')).toEqual({ isInNetRestrict: true, isCandidateHost: false });
  });

  test('is checked as it is and written masked', () => {
    const mask = createMask(new Uint8Array(32), 'us');
    expect(host.write('a', writing({ hosts, mask }))).toEqual({
      ...answered,
      host: mask.host('a'),
    });
  });

  test('is written alone without rules', () => {
    expect(host.write('a', writing())).toBe('a');
    expect(host.read('a', reading())).toBe('a');
  });
});
