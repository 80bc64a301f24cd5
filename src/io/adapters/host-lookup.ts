/**
 * The addresses of one host name: the hosts file first, then the name servers of the system, as Go's own resolver does
 * for go-ethereum. Can be cancelled at once. Sources of names beyond these two, such as mDNS, are not asked.
 */
import { Resolver } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

import { interleaved, isLoopbackName, namesToTry, parseHosts } from './host-names.ts';

export type HostAnswer =
  /** In the order in which to try them. */
  { readonly addresses: readonly [string, ...string[]] } | FailedLookup;

type FailedLookup = {
  /** A name server said that there is no address, or none gave a result. */
  readonly failure: 'notFound' | 'lookupFailed';
  /** What the system said. */
  readonly detail: string;
};

/** Reports one answer, or none. @returns Cancels it: its sockets and timers are closed when this returns. */
export type LookUp = (name: string, onAnswer: (answer: HostAnswer) => void) => () => void;

/** How long the addresses of one family wait for those of the other, in ms. Ours: some name servers never answer AAAA. */
const OTHER_FAMILY_MS = 500;

/** First wait for a name server, in ms, and tries: more in all than the dial task waits, which ends the lookup. */
const QUERY = { timeout: 2_000, tries: 4 };

const HOSTS_FILE =
  process.platform === 'win32'
    ? `${process.env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\drivers\\etc\\hosts`
    : '/etc/hosts';

/** Names the domains that are tried too. There is none on Windows. */
const RESOLVER_FILE = '/etc/resolv.conf';

/** Errors by which a name server says that a name has no address of a kind. */
const NO_ADDRESS: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** Where names are looked up. For tests. */
export type NameSources = {
  readonly hosts: () => Promise<string>;
  readonly resolverFile: () => Promise<string>;
  /** The system's own without it. */
  readonly nameServers?: readonly string[];
};

const SYSTEM: NameSources = {
  hosts: () => textOf(HOSTS_FILE),
  resolverFile: () => textOf(RESOLVER_FILE),
};

export const lookUpHost = lookUpHostIn(SYSTEM);

export function lookUpHostIn(sources: NameSources): LookUp {
  return (name, onAnswer) => {
    if (isIP(name) !== 0) {
      onAnswer({ addresses: [name] });
      return () => {};
    }
    const cancelled = new AbortController();
    find(name, sources, cancelled.signal).then(
      (answer) => {
        if (!cancelled.signal.aborted) onAnswer(answer);
      },
      (error: unknown) => {
        if (!cancelled.signal.aborted) onAnswer({ failure: 'lookupFailed', detail: String(error) });
      },
    );
    return () => cancelled.abort();
  };
}

async function find(name: string, sources: NameSources, signal: AbortSignal): Promise<HostAnswer> {
  const written = parseHosts(await sources.hosts(), name);
  const known = written.length === 0 && isLoopbackName(name) ? ['127.0.0.1', '::1'] : written;
  const fromFile = answerOf(known);
  if (fromFile) return fromFile;
  let failed: FailedLookup | null = null;
  for (const full of namesToTry(name, await sources.resolverFile())) {
    if (signal.aborted) break;
    const answer = await query(full, sources.nameServers, signal);
    if ('addresses' in answer) return answer;
    if (failed?.failure !== 'lookupFailed') failed = answer; // only when every name is denied there is no address
  }
  return failed ?? { failure: 'lookupFailed', detail: `no name server was asked for ${name}` };
}

function query(
  name: string,
  nameServers: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<HostAnswer> {
  return new Promise((resolve) => {
    const resolver = new Resolver(QUERY);
    if (nameServers) resolver.setServers(nameServers);
    const found: string[] = [];
    let denied: NodeJS.ErrnoException | null = null;
    let failed: NodeJS.ErrnoException | null = null;
    let left = 2;
    let timer: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      clearTimeout(timer);
      resolver.cancel();
    };
    const end = (): void => {
      signal.removeEventListener('abort', end);
      cancel();
      resolve(answerOf(found) ?? failureOf(failed, denied));
    };
    const note = (
      error: NodeJS.ErrnoException | null,
      addresses: readonly string[] | undefined,
    ): void => {
      if (addresses) found.push(...addresses);
      if (error && NO_ADDRESS.has(error.code ?? '')) denied ??= error;
      else if (error) failed ??= error;
      left -= 1;
      if (left === 0) end();
      else if (found.length > 0) timer = setTimeout(end, OTHER_FAMILY_MS);
    };
    signal.addEventListener('abort', end);
    resolver.resolve4(name, note);
    resolver.resolve6(name, note);
  });
}

/** Of the two queries for one name. A failed one counts more: its family may have an address. */
const failureOf = (failed: Error | null, denied: Error | null): FailedLookup =>
  failed
    ? { failure: 'lookupFailed', detail: failed.message }
    : { failure: 'notFound', detail: denied?.message ?? '' };

function answerOf(addresses: readonly string[]): HostAnswer | null {
  const [first, ...others] = interleaved(addresses);
  return first === undefined ? null : { addresses: [first, ...others] };
}
