/** The options of the admin API and their check, with a sentence for each mistake. */
import * as v from 'valibot';

/** An HTTP or WebSocket listener. Every user of this machine can connect to it; only loopback addresses are taken. */
export type AdminWebOptions = {
  /** 0 lets the system choose. */
  readonly port: number;
  /** `127.0.0.1` by default; `::1` and `localhost` are possible. */
  readonly host?: string;
  /** Namespaces of methods, such as `admin`. Default: `net` and `web3`, as in go-ethereum. */
  readonly apis?: readonly string[];
};

export type AdminOptions = {
  /**
   * Path of the Unix socket, which offers all methods to processes of the same user; null for none. Default:
   * `peerchart.ipc` in the data directory, or none without one.
   */
  readonly ipc?: string | null;
  readonly http?: AdminWebOptions;
  /** With the host and port of `http` they share a listener. */
  readonly ws?: AdminWebOptions;
};

export type CheckedWebOptions = Required<AdminWebOptions>;

export type CheckedAdminOptions = {
  /** Undefined for the default. */
  readonly ipc: string | null | undefined;
  readonly http: CheckedWebOptions | null;
  readonly ws: CheckedWebOptions | null;
};

export const NAMESPACES = ['admin', 'debug', 'net', 'peerchart', 'web3'] as const;

/** Those that are offered over HTTP and WebSocket unless others are named. */
export const DEFAULT_NAMESPACES = ['net', 'web3'] as const;

export const ADMIN_HOSTS = ['127.0.0.1', '::1', 'localhost'] as const;

const MAX_PORT = 65_535;

const webSchema = v.strictObject(
  {
    port: v.custom<number>(
      (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_PORT,
      `a whole number from 0 to ${MAX_PORT}`,
    ),
    host: v.optional(v.picklist(ADMIN_HOSTS, `one of ${ADMIN_HOSTS.join(', ')}`), ADMIN_HOSTS[0]),
    apis: v.optional(
      v.array(v.picklist(NAMESPACES, `one of ${NAMESPACES.join(', ')}`), 'a list of namespaces'),
      DEFAULT_NAMESPACES,
    ),
  },
  'an object',
);

const schema = v.strictObject(
  {
    ipc: v.optional(
      v.custom<string | null>(
        (value) => value === null || (typeof value === 'string' && value !== ''),
        'a path, or null',
      ),
    ),
    http: v.optional(webSchema),
    ws: v.optional(webSchema),
  },
  'an object',
);

/** @throws {TypeError} Names each option that is wrong. */
export function checkAdminOptions(options: unknown): CheckedAdminOptions {
  const checked = v.safeParse(schema, options);
  if (!checked.success) throw new TypeError(checked.issues.map(complaint).join('; '));
  const { ipc, http = null, ws = null } = checked.output;
  return { ipc, http, ws };
}

function complaint(issue: v.BaseIssue<unknown>): string {
  const option = v.getDotPath(issue) ?? 'options';
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return `"${option}" is not known`;
  return issue.received === 'undefined'
    ? `"${option}" is missing`
    : `"${option}" expected ${issue.message}, got ${issue.received}`;
}
