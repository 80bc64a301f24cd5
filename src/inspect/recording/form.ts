/**
 * How values of events and inputs are written as JSON and read back: an allow-list, field by field, typed so that a missing
 * field does not compile. Handles become `{ "$": "link" }` and are read as objects that do nothing. The fields of each event
 * are in `event-forms.ts`.
 */
import type { Mask } from './mask.ts';

/** Context of writing one event. */
export type Writing = {
  readonly mask: Mask;
  /** Rules whose results are written beside each host, for machines that decide by them. */
  readonly hosts: HostRules | null;
  /** A value has no form: the event cannot be replayed. */
  markIncomplete(): void;
};

/** Context of reading the events of one machine. */
export type Reading = {
  /** Results of the host rules read so far, by host. As many as the recording has hosts. */
  readonly hostAnswers: Map<string, HostAnswers>;
};

export type HostRules = {
  readonly isInNetRestrict: (host: string) => boolean;
  readonly isCandidateHost: (host: string) => boolean;
};

export type HostAnswers = { readonly isInNetRestrict: boolean; readonly isCandidateHost: boolean };

export type Form<Value> = {
  /** @throws {FormError} The value does not match its type; other errors are possible then as well. */
  write(value: Value, writing: Writing): unknown;
  /** @throws {FormError} */
  read(json: unknown, reading: Reading): Value;
};

/** A field that may be absent. */
export type Optional<Value> = Form<Value> & { readonly isOptional: true };

type AnyForm = { readonly isOptional?: true } & Form<unknown>;

/** One form for each field; optional fields need an `Optional`. */
export type Fields<Value extends object> = {
  readonly [Key in keyof Value]-?: Record<never, never> extends Pick<Value, Key>
    ? Optional<Exclude<Value[Key], undefined>>
    : Form<Value[Key]>;
};

/** One for each member of a union of `{ type }`, without the events of XState itself. */
export type Cases<Value extends { readonly type: string }> = {
  readonly [Type in Exclude<Value['type'], `xstate.${string}`>]: Fields<
    Omit<MemberOf<Value, Type>, 'type'>
  >;
};

/** Unlike `Extract`, it finds members whose `type` is itself a union. */
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

/** Our own words: of a closed set, or digits. Never masked. */
export const word = <Value extends string>(): Form<Value> => verbatim<Value>('string');
export const number: Form<number> = verbatim('number');
export const boolean: Form<boolean> = verbatim('boolean');

/** Foreign or free text; addresses and ids in it are masked. */
export const text = masked((mask, value) => mask.text(value));
/** The client name of a Hello. */
export const clientName = masked((mask, value) => mask.client(value));
export const nodeId = masked((mask, value) => mask.id(value));
export const publicKey = masked((mask, value) => mask.publicKey(value));
/** A network prefix or source: machines only compare it. */
export const network = masked((mask, value) => mask.network(value));
/** A host without rule results: machines only compare it. */
const hostText = masked((mask, value) => mask.host(value));

/** A host, with the results of the host rules when there are any. */
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
    const { host: shown, ...answers } = hostWithResults.read(json, reading);
    reading.hostAnswers.set(shown, answers);
    return shown;
  },
};

/** Ports are not masked. */
export const endpoint: Form<{ readonly host: string; readonly port: number }> = {
  write: (value, writing) => endpointFields.write(value, writing),
  read: (json, reading) => endpointFields.read(json, reading),
};

/** The facts of an ending. */
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
        throw new FormError('expected strings, numbers and booleans');
    return Object.fromEntries(entries) as Record<string, string | number | boolean>;
  },
};

/** An object of this process: only its name is written. @param inert What is read in its place; it does nothing. */
export function handle<Value>(name: string, inert: Value): Form<Value> {
  return {
    write: () => ({ $: name }),
    read: (json) => {
      if (own(objectOf(json), '$') !== name) throw new FormError(`expected { "$": "${name}" }`);
      return inert;
    },
  };
}

/** A value that no machine reads. */
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
      if (!form) writing.markIncomplete();
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

/** The JSON does not match the form. `path` is the field. */
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

/** Own properties only. */
const own = (object: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

const hostWithResults = record<HostAnswers & { readonly host: string }>({
  host: hostText,
  isInNetRestrict: boolean,
  isCandidateHost: boolean,
});

const endpointFields = record<{ readonly host: string; readonly port: number }>({
  host: hostText,
  port: number,
});
