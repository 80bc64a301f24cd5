/**
 * What is wrong with a node and its machine, one finding for each check, with a remedy. Pure: facts in, words out.
 */

import { kindOfHost } from '../io/wire/ip-address.ts';
import { type DiscoveryFacts, explainDiscovery, type StatusText } from './discovery-status.ts';
import type { DoctorFacts, GatewayFacts, ServerFacts } from './doctor-facts.ts';
import { GIVE_PROTOCOLS } from './setup-rules.ts';

/** `fail` keeps the node from working, `warn` makes it worse, `unknown` could not be found out. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'unknown';

type CheckName =
  | 'data directory'
  | 'key'
  | 'open files'
  | 'clock'
  | 'server'
  | 'discovery v4'
  | 'discovery v5'
  | 'dials'
  | 'inbound'
  | 'record';

export type Finding = {
  readonly check: CheckName;
  readonly verdict: Verdict;
  /** One sentence, with the numbers. */
  readonly sentence: string;
  /** What to do; empty when nothing is. */
  readonly remedy: string;
};

/** Difference of clocks that is worth a look, and from which on other nodes drop our packets, in ms. The second one: half their validity. */
const SMALL_DRIFT_MS = 3_000;
const LARGE_DRIFT_MS = 10_000;

/** In the order in which a person should read and mend them. */
export function examine(facts: DoctorFacts): readonly Finding[] {
  const { server } = facts;
  return [
    datadir(facts),
    key(facts),
    files(facts),
    clock(facts),
    ...('why' in server ? [withoutServer(server.why, facts)] : findingsOf(server, facts)),
  ];
}

function findingsOf(server: ServerFacts, facts: DoctorFacts): readonly Finding[] {
  const { v4, v5 } = server.discovery;
  return [
    ok('server', `It runs, with ${server.peers} of ${server.maxPeers} peers.`),
    ...(v4 ? [discovery('discovery v4', v4)] : []),
    ...(v5 ? [discovery('discovery v5', v5)] : []),
    ...(v4 || v5 ? [] : [withoutDiscovery(server)]),
    dials(server),
    inbound(server, facts),
    record(server, facts),
  ];
}

function datadir({ datadir }: DoctorFacts): Finding {
  const check = 'data directory';
  if (!datadir)
    return ok(
      check,
      'None is used: key and known nodes are lost at the stop.',
      'Give --datadir <folder> to keep them.',
    );
  const { path, exists, problem, usedBy } = datadir;
  if (problem !== null)
    return fail(
      check,
      `${path} cannot be used: ${problem}.`,
      'Give the folder to the user that runs peerchart, or choose another one with --datadir.',
    );
  if (usedBy !== null) return ok(check, `${path} is in use by process ${usedBy}.`);
  return ok(check, exists ? `${path} can be used.` : `${path} is missing: the first run makes it.`);
}

const KEY_REMEDIES: Readonly<Record<string, string>> = {
  permissions:
    'Take the rights of others away (chmod 600), or accept them with --allow-readable-key.',
  owner: 'Give the file to the user that runs peerchart (chown).',
  malformed:
    'Restore the file from a copy. To begin with another id, move it away: the next run makes a new key.',
  outOfRange:
    'Restore the file from a copy. To begin with another id, move it away: the next run makes a new key.',
  notAFile: 'Name a file with --nodekey.',
};

function key({ key }: DoctorFacts): Finding {
  if (!key) return ok('key', 'It is new in each run, and so is the id of the node.');
  const { flaw, message } = key;
  if (flaw === null) return ok('key', 'It can be read, by its owner only.');
  if (flaw === 'missing') return ok('key', 'There is none yet: the first run makes it.');
  return fail('key', `${message}.`, KEY_REMEDIES[flaw] ?? 'Mend what the message names.');
}

function files({ files: { limit, needed } }: DoctorFacts): Finding {
  const check = 'open files';
  if (limit >= needed)
    return ok(
      check,
      `The limit is ${limit === Number.POSITIVE_INFINITY ? 'none' : limit}; ${needed} may be needed.`,
    );
  return warn(
    check,
    `The limit is ${limit}, and ${needed} may be needed: then new connections are lost.`,
    `Raise it (ulimit -n ${needed}, or LimitNOFILE=${needed} in a systemd unit), or lower --maxpeers.`,
  );
}

function clock({ clock, server }: DoctorFacts): Finding {
  const check = 'clock';
  const v4 = 'why' in server ? null : server.discovery.v4;
  const aheadMs = 'why' in clock ? (v4?.clockBehindMs ?? null) : clock.aheadMs;
  if (aheadMs === null) {
    if (v4 && v4.live > 0)
      return ok(check, 'Nodes of discovery v4 answer, which drop packets of a wrong time.');
    const why = 'why' in clock ? clock.why : '';
    return unknown(
      check,
      `No time server answered (${why}).`,
      'Compare the clock with another one.',
    );
  }
  const seconds = (Math.abs(aheadMs) / 1_000).toFixed(1);
  const sentence = `It is ${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead'}.`;
  const remedy = 'Set it, and keep it right with NTP: discovery drops packets of a wrong time.';
  if (Math.abs(aheadMs) >= LARGE_DRIFT_MS) return fail(check, sentence, remedy);
  if (Math.abs(aheadMs) >= SMALL_DRIFT_MS) return warn(check, sentence, remedy);
  return ok(check, `It is right, within ${Math.max(0.1, Number(seconds))} s.`);
}

function withoutServer(why: string, { datadir }: DoctorFacts): Finding {
  const usedBy = datadir?.usedBy ?? null;
  if (usedBy === null) return fail('server', `It does not start: ${why}.`, startRemedy(why));
  return unknown(
    'server',
    `The node of process ${usedBy} does not answer: ${why}.`,
    'Start it with its admin socket, which --ipc none takes away, or stop it and try again.',
  );
}

const startRemedy = (why: string): string =>
  /EADDRINUSE|already in use/.test(why)
    ? 'Stop the other program, or choose another port with --port.'
    : 'Mend what the message names.';

const VERDICT_OF = {
  good: 'ok',
  waiting: 'warn',
  bad: 'fail',
} as const satisfies Record<StatusText['tone'], Verdict>;

function discovery(check: CheckName, facts: DiscoveryFacts): Finding {
  const { tone, sentence, remedy } = explainDiscovery(facts);
  return { check, verdict: VERDICT_OF[tone], sentence, remedy };
}

const withoutDiscovery = ({ otherSources }: ServerFacts): Finding =>
  otherSources > 0
    ? ok('discovery v4', 'Discovery is off: nodes come from elsewhere.')
    : warn(
        'discovery v4',
        'Discovery is off, and no other source of nodes is given.',
        'Turn it on (--discovery v4,v5), or give nodes with --static or --dns-tree.',
      );

/** What happened to failed dials, and what helps when it is the most frequent. Without `isFault` it is common, and a warning only. */
const DIAL_ERRORS: Readonly<
  Record<string, { readonly what: string; readonly remedy: string; readonly isFault: boolean }>
> = {
  connection: {
    what: 'did not connect',
    remedy: 'Check that a firewall lets TCP out, and that the addresses of the nodes are current.',
    isFault: true,
  },
  encHandshake: {
    what: 'failed in the encryption handshake',
    remedy:
      'Check the keys in the enode URLs, and that no proxy answers in place of the nodes: peerchart why <node> says more.',
    isFault: true,
  },
  protoHandshake: {
    what: 'failed in the Hello',
    remedy: 'Ask one of them: peerchart why <node> says more.',
    isFault: true,
  },
  useless: {
    what: 'share no protocol with us',
    remedy: 'Offer a protocol that they speak, name and version alike (--offer).',
    isFault: true,
  },
  unexpectedIdentity: {
    what: 'have another key than we dialled',
    remedy: 'Get current enode URLs of the nodes.',
    isFault: true,
  },
  saturated: {
    what: 'are full',
    remedy: 'Wait: full nodes are common, and others are tried.',
    isFault: false,
  },
  known: { what: 'are connected already', remedy: '', isFault: false },
  self: {
    what: 'are this node',
    remedy: 'Take our own enode URL out of the list.',
    isFault: false,
  },
  other: {
    what: 'ended otherwise',
    remedy: 'Ask one of them: peerchart why <node> says more.',
    isFault: true,
  },
};

function dials({
  dials,
  peers,
  maxPeers,
  isDialling,
  offersNothing,
  observedMs,
}: ServerFacts): Finding {
  const { attempts, successes, errors } = dials;
  if (!isDialling) return ok('dials', 'It does not dial: peers have to connect to it.');
  if (successes > 0)
    return ok(
      'dials',
      `${successes} of ${amount(attempts, 'dial')} became ${successes === 1 ? 'a peer' : 'peers'}.`,
    );
  const failed = Object.entries(errors)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a);
  const [most] = failed;
  if (!most) {
    if (peers >= maxPeers) return ok('dials', 'None are needed: every place is taken.');
    const seconds = Math.round(observedMs / 1_000);
    const waited = seconds > 0 ? ` within ${seconds} s` : '';
    return unknown(
      'dials',
      attempts > 0 ? `No dial ended${waited}.` : `No node was found to dial${waited}.`,
      attempts > 0
        ? 'Run it again with a longer --seconds.'
        : 'See discovery above, or name a node with --static.',
    );
  }
  const list = failed.map(([reason, count]) => `${count} ${DIAL_ERRORS[reason]?.what ?? reason}`);
  const sentence = `None of ${amount(attempts, 'dial')} became a peer: ${list.join(', ')}.`;
  const { remedy = '', isFault = true } = DIAL_ERRORS[most[0]] ?? {};
  const help = most[0] === 'useless' && offersNothing ? GIVE_PROTOCOLS : remedy;
  return isFault ? fail('dials', sentence, help) : warn('dials', sentence, help);
}

const LOCAL_ONLY = 'Listen on every address: --host ::.';

function inbound(
  { listening, inbound, gateway }: ServerFacts,
  { seenAt, ownHosts }: DoctorFacts,
): Finding {
  const check = 'inbound';
  if (!listening) return ok(check, 'It does not listen: it can only dial.');
  if (kindOfHost(listening.host) === 'loopback')
    return warn(
      check,
      `It listens at ${listening.host}: only this computer can connect.`,
      LOCAL_ONLY,
    );
  if (inbound.attempts > 0) return ok(check, `${amount(inbound.attempts, 'connection')} came in.`);
  const port = `TCP port ${listening.port}`;
  const publicHost = 'why' in seenAt ? null : seenAt.host;
  if (publicHost !== null && ownHosts.includes(publicHost))
    return unknown(
      check,
      `This machine has the public address ${publicHost}; nothing came in yet.`,
      `Check that a firewall lets ${port} and the same UDP port in.`,
    );
  if (gateway?.tcpPort != null) return mapped(gateway, publicHost);
  const forward = `Forward ${port} and the same UDP port on the router to this machine, or turn on UPnP or NAT-PMP there.`;
  if (gateway)
    return warn(
      check,
      `No router maps our port${gateway.fault === '' ? '' : `: ${gateway.fault}`}; nothing came in yet.`,
      forward,
    );
  if (publicHost === null)
    return unknown(check, 'Nothing came in yet, and our public address is not known.', forward);
  return warn(
    check,
    `This machine is behind NAT (others see ${publicHost}); nothing came in yet.`,
    forward,
  );
}

/** A router maps the port: but is its address the one that others see? */
function mapped({ name, host, tcpPort }: GatewayFacts, publicHost: string | null): Finding {
  const isPrivate = host !== null && kindOfHost(host) !== 'public';
  if (isPrivate || (host !== null && publicHost !== null && host !== publicHost))
    return warn(
      'inbound',
      `The router maps our port, and is itself behind another router: it has the address ${host}${publicHost === null ? '' : `, others see ${publicHost}`}.`,
      'Forward the port on the outer router too, or ask the provider for a public address. Dials work all the same.',
    );
  return ok('inbound', `The router (${name}) maps its TCP port ${tcpPort} to ours.`);
}

function record({ record, listening }: ServerFacts, { seenAt }: DoctorFacts): Finding {
  const check = 'record';
  if (!record) return unknown(check, 'There is no node record yet.');
  const { hosts } = record;
  const remedy = 'Give the public address with --external-ip, or let it be found: --nat any.';
  if (hosts.length === 0)
    return warn(check, 'It advertises no address: discovery cannot spread it.', remedy);
  const notPublic = hosts.filter((host) => kindOfHost(host) !== 'public');
  if (notPublic.length === hosts.length) {
    const isLocal = listening !== null && kindOfHost(listening.host) === 'loopback';
    return warn(
      check,
      `It advertises ${notPublic.join(' and ')}, which nodes on the internet cannot reach.`,
      isLocal ? LOCAL_ONLY : remedy,
    );
  }
  const publicHost = 'why' in seenAt ? null : seenAt.host;
  const isIpv6 = publicHost?.includes(':');
  const sameFamily = hosts.filter((host) => host.includes(':') === isIpv6);
  if (publicHost !== null && sameFamily.length > 0 && !sameFamily.includes(publicHost))
    return warn(
      check,
      `It advertises ${hosts.join(' and ')}, and others see ${publicHost}.`,
      remedy,
    );
  return ok(check, `It advertises ${hosts.join(' and ')}.`);
}

const amount = (count: number, noun: string): string =>
  `${count} ${count === 1 ? noun : `${noun}s`}`;

const finding =
  (verdict: Verdict) =>
  (check: CheckName, sentence: string, remedy = ''): Finding => ({
    check,
    verdict,
    sentence,
    remedy,
  });

const ok = finding('ok');
const warn = finding('warn');
const fail = finding('fail');
const unknown = finding('unknown');
