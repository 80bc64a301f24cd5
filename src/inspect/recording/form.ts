/**
 * How values of events and inputs are written as JSON and read back: an allow-list, field by field, typed over what it
 * lists, so that a field that nobody has thought about does not compile. Handles become `{ "$": "link" }` and come
 * back as something inert. Which fields an event has is said in `event-forms.ts`.
 */
import type { Mask } from './mask.ts';

/** What is known while something is written. */
export type Writing = {
  readonly mask: Mask;
  /** What is asked about hosts, where decisions depend on it: the answers are written beside them. */
  readonly hosts: HostRules | null;
  /** Something has no form: nobody can live through this again. */
  giveUp(): void;
};

/** What is known while something is read. */
export type Reading = {
  /** The answers about hosts that were read so far. As many as the recording names. */
  readonly answers: Map<string, HostAnswers>;
};

export type HostRules = {
  readonly isInNetRestrict: (host: string) => boolean;
  readonly isCandidateHost: (host: string) => boolean;
};

export type HostAnswers = { readonly isInNetRestrict: boolean; readonly isCandidateHost: boolean };

export type Form<Value> = {
  /** @throws {FormError} It is not what its type says; others may be thrown then as well. */
  write(value: Value, writing: Writing): unknown;
  /** @throws {FormError} */
  read(json: unknown, reading: Reading): Value;
};

/** Left out, and read as left out, when it is not there. */
export type Optional<Value> = Form<Value> & { readonly isOptional: true };

type AnyForm = { readonly isOptional?: true } & Form<unknown>;

/** One form for each field, the optional ones marked. */
export type Fields<Value extends object> = {
  readonly [Key in keyof Value]-?: Record<never, never> extends Pick<Value, Key>
    ? Optional<Exclude<Value[Key], undefined>>
    : Form<Value[Key]>;
};

/** One for each member of a union of `{ type }`. Those of XState itself are listed elsewhere. */
export type Cases<Value extends { readonly type: string }> = {
  readonly [Type in Exclude<Value['type'], `xstate.${string}`>]: Fields<
    Omit<MemberOf<Value, Type>, 'type'>
  >;
};

/** Unlike `Extract`, it finds members whose type is a union itself. */
type MemberOf<Value extends { readonly type: string }, Type> = Value extends unknown
  ? Type extends Value['type']
    ? Value
    : never
  : never;

const verbatim = <Value extends string | number | boolean>(
  kind: 'string' | 'number' | 'boolean',
): Form<Value> => {
  const checked = (value: unknown): Value => {
    if (typeof value !== kind) throw new FormError(`expected a ${kind}`);
    return value as Value;
  };
  return { write: checked, read: checked };
};

const masked = (hide: (mask: Mask, value: string) => string): Form<string> => ({
  write: (value, writing) => hide(writing.mask, string.write(value, writing) as string),
  read: (json, reading) => string.read(json, reading),
});

const string = verbatim<string>('string');

/** Words of ours: of a closed set, or made of digits. */
export const word = <Value extends string>(): Form<Value> => verbatim<Value>('string');
export const number: Form<number> = verbatim('number');
export const boolean: Form<boolean> = verbatim('boolean');

/** What somebody said. */
export const text = masked((mask, value) => mask.text(value));
export const nodeId = masked((mask, value) => mask.id(value));
export const publicKey = masked((mask, value) => mask.publicKey(value));
/** A network, or a source: compared, and nothing else. */
export const network = masked((mask, value) => mask.network(value));
/** Nothing is decided by it, or nothing but whether it is the same as another one. */
export const plainHost = masked((mask, value) => mask.host(value));

/** With what the rules say of it, if there are any. */
export const host: Form<string> = {
  write: (value, { mask, hosts }) => {
    const shown = mask.host(value);
    if (!hosts) return shown;
    return {
      host: shown,
      isInNetRestrict: hosts.isInNetRestrict(value),
      isCandidateHost: hosts.isCandidateHost(value),
    };
  },
  read: (json, reading) => {
    if (typeof json === 'string') return json;
    const { host: shown, ...answers } = judgedHost.read(json, reading);
    reading.answers.set(shown, answers);
    return shown;
  },
};

/** `port` is none of the things that are hidden. */
export const endpoint: Form<{ readonly host: string; readonly port: number }> = {
  write: (value, writing) => endpointFields.write(value, writing),
  read: (json, reading) => endpointFields.read(json, reading),
};

/** Plain words and numbers. */
export const facts: Form<Readonly<Record<string, string | number | boolean>>> = {
  write: (value, { mask }) =>
    Object.fromEntries(
      Object.entries(value).map(([key, fact]) => [
        key,
        typeof fact === 'string' ? mask.text(fact) : fact,
      ]),
    ),
  read: (json) => {
    const entries = Object.entries(objectOf(json));
    for (const [, fact] of entries)
      if (!['string', 'number', 'boolean'].includes(typeof fact))
        throw new FormError('expected words and numbers');
    return Object.fromEntries(entries) as Record<string, string | number | boolean>;
  },
};

/** Something of this process: nothing of it is written, and what comes back does nothing. */
export function handle<Value>(name: string, inert: Value): Form<Value> {
  return {
    write: () => ({ $: name }),
    read: (json) => {
      if (own(objectOf(json), '$') !== name) throw new FormError(`expected { "$": "${name}" }`);
      return inert;
    },
  };
}

/** Something that is never looked at. */
export const nothing: Form<unknown> = { write: () => null, read: () => undefined };

export const nullable = <Value>(form: Form<Value>): Form<Value | null> => ({
  write: (value, writing) => (value === null ? null : form.write(value, writing)),
  read: (json, reading) => (json === null ? null : form.read(json, reading)),
});

export const optional = <Value>(form: Form<Value>): Optional<Value> => ({
  ...form,
  isOptional: true,
});

export const list = <Value>(form: Form<Value>): Form<readonly Value[]> => ({
  write: (values, writing) => values.map((value) => form.write(value, writing)),
  read: (json, reading) => {
    if (!Array.isArray(json)) throw new FormError('expected a list');
    return json.map((item, index) => within(`[${index}]`, () => form.read(item, reading)));
  },
});

export function record<Value extends object>(fields: Fields<Value>): Form<Value> {
  const forms = Object.entries(fields) as [string, AnyForm][];
  return {
    write: (value, writing) =>
      Object.fromEntries(
        forms.flatMap(([key, form]) => {
          const field = (value as Record<string, unknown>)[key];
          return form.isOptional && field === undefined ? [] : [[key, form.write(field, writing)]];
        }),
      ),
    read: (json, reading) => {
      const given = objectOf(json);
      return Object.fromEntries(
        forms.flatMap(([key, form]) => {
          if (form.isOptional && !Object.hasOwn(given, key)) return [];
          return [[key, within(key, () => form.read(own(given, key), reading))]];
        }),
      ) as Value;
    },
  };
}

/** A union by its `type`. */
export function oneOf<Value extends { readonly type: string }>(cases: Cases<Value>): Form<Value> {
  const forms = new Map(
    Object.entries(cases).map(([type, fields]) => [type, record(fields as Fields<object>)]),
  );
  return {
    write: (value, writing) => {
      const form = forms.get(value.type);
      if (!form) writing.giveUp();
      return { type: value.type, ...(form?.write(value, writing) as object | undefined) };
    },
    read: (json, reading) => {
      const type = own(objectOf(json), 'type');
      const form = typeof type === 'string' ? forms.get(type) : undefined;
      if (!form) throw new FormError('expected a known "type"');
      return { type, ...form.read(json, reading) } as Value;
    },
  };
}

/** What was written is not what this form writes. `path` leads to the place. */
export class FormError extends Error {
  override readonly name = 'FormError';
  readonly path: string;
  readonly complaint: string;

  constructor(complaint: string, path = '') {
    super(path === '' ? complaint : `${path}: ${complaint}`);
    this.path = path;
    this.complaint = complaint;
  }
}

function within<Value>(place: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormError)) throw error;
    const dot = error.path === '' || error.path.startsWith('[') ? '' : '.';
    throw new FormError(error.complaint, `${place}${dot}${error.path}`);
  }
}

function objectOf(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new FormError('expected an object');
  return json as Readonly<Record<string, unknown>>;
}

/** Never what every object inherits. */
const own = (object: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

const judgedHost = record<HostAnswers & { readonly host: string }>({
  host: plainHost,
  isInNetRestrict: boolean,
  isCandidateHost: boolean,
});

const endpointFields = record<{ readonly host: string; readonly port: number }>({
  host: plainHost,
  port: number,
});
