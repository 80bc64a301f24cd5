/** The numbers of docs/limits.md are those of the sources. Longer than 400 lines: it is the table of expected rows. */
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/api/options.ts';
import { RECORDER_LIMITS } from '../../src/inspect/recorder/recorder.ts';
import { LAN_FACTOR, SOURCE_LIMITS } from '../../src/io/discovery/source-budgets.ts';
import { maxExpandedBytes } from '../../src/io/wire/snappy.ts';
import { BACK_OFF_MS, BACK_OFF_SPREAD } from '../../src/machines/dialing/redial-back-off.ts';
import { REQUEST_LIMIT, STALE_ANSWERS } from '../../src/protocols/eth-peer.ts';
import { FILTER_PAUSE_MS, MAX_PASSED_OVER } from '../../src/server/candidate-filter.ts';
import { checkOptions } from '../../src/server/config.ts';
import { filesBelow, pageAt, read } from './pages.ts';

const MIB = 1024 * 1024;
/** What Node reads from a socket at once. */
const CHUNK_BYTES = 64 * 1024;

/** The number that the sources below a folder of src give this name, exported or not. */
function of(folder: string, name: string): number {
  const given = new RegExp(`\\b${name}\\b(?: ?: ?[A-Za-z]+)? ?[=:] ?([\\dx_a-f* ]+)[;,]`, 'g');
  const texts = filesBelow(`src/${folder}`, /\.ts$/).flatMap((path) =>
    [...read(path).matchAll(given)].map(([, text]) => text!),
  );
  expect([...new Set(texts)], `${name} in src/${folder}`).toHaveLength(1);
  return texts[0]!
    .split('*')
    .map((factor) => Number(factor.replaceAll('_', '')))
    .reduce((product, factor) => product * factor);
}

const rate = ({ size: atOnce, perSecond }: { readonly size: number; readonly perSecond: number }) =>
  `${atOnce}, and ${perSecond} more each second`;

const count = (value: number): string => value.toLocaleString('en-US');

const time = (ms: number): string => {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`;
};

const size = (bytes: number): string => {
  if (bytes % MIB === 0) return `${bytes / MIB} MiB`;
  if (bytes % 1024 === 0 && bytes > 2048) return `${bytes / 1024} KiB`;
  return `${count(bytes)} bytes`;
};

const { maxDialed, maxInbound, maxPeers, maxPendingPeers } = checkOptions({
  nodeKey: new Uint8Array(32).fill(1),
});
const { maxPeersPerSubnet, receiveBudgetBytes, sendBudgetBytes } = DEFAULTS;

const base = size(of('io/wire', 'MAX_BASE_MESSAGE_BYTES'));
const turn = `${of('io/process', 'TURN_MESSAGES')}, or ${time(of('io/process', 'TURN_MS'))}`;
const readTimeout = time(of('io/link', 'READ_TIMEOUT_MS'));
const pings = `${of('io/link', 'PING_BURST')}, and 1 more each second`;
const bomb = `${of('io/wire', 'MAX_EXPANSION')} times its size and ${of('io/wire', 'EXPANSION_SLACK_BYTES')} bytes`;
const files = maxPeers + maxPendingPeers + of('server', 'SPARE_FILES');

/** First cell of each row → its second one. */
const LIMITS: readonly (readonly [what: string, limit: string])[] = [
  // one connection
  [
    'TCP connect, over all addresses of a name in equal parts',
    time(of('machines/dialing', 'CONNECT_TIMEOUT_MS')),
  ],
  ['addresses of a name that are tried', count(of('machines/dialing', 'MAX_DIAL_ADDRESSES'))],
  [
    'lookup of a host name, in the hosts file and DNS',
    time(of('machines/dialing', 'HOST_LOOKUP_TIMEOUT_MS')),
  ],
  ['encryption handshake, absolute', time(of('machines/connection', 'ENC_HANDSHAKE_TIMEOUT_MS'))],
  ['Hello, absolute', time(of('machines/connection', 'HELLO_TIMEOUT_MS'))],
  [
    'answer of the run loop at a checkpoint',
    time(of('machines/connection', 'CHECKPOINT_TIMEOUT_MS')),
  ],
  [
    'two nodes that dial each other at once: wait for the preferred connection',
    time(of('machines/connection', 'CROSSED_DIAL_HOLD_MS')),
  ],
  ['auth or ack', `113 to ${size(of('io/crypto', 'MAX_HANDSHAKE_BYTES'))}`],
  ['Hello and other base messages', base],
  ['client name in Hello', size(of('io/wire', 'MAX_CLIENT_BYTES'))],
  ['capability name in Hello', `${of('io/wire', 'MAX_NAME_CHARS')} characters`],
  ['protocols of our own', count(of('io/wire', 'MAX_CAPABILITIES'))],
  ['Disconnect', size(of('io/wire', 'MAX_DISCONNECT_BYTES'))],
  ['frame', size(of('io/wire', 'MAX_FRAME_BYTES'))],
  ['message of a subprotocol, decompressed', size(DEFAULTS.maxMessageBytes)],
  ['declared length of a Snappy block', bomb],
  [
    'RLP: lists in lists; items of one message',
    `${of('io/wire', 'MAX_RLP_DEPTH')}; ${count(of('io/wire', 'MAX_RLP_ITEMS'))}`,
  ],
  [
    'message, from its first byte',
    `${readTimeout}, and ${readTimeout} more for each ${size(of('io/link', 'MIN_PROGRESS_BYTES'))}`,
  ],
  ['silence', time(of('io/link', 'READ_TIMEOUT_MS'))],
  ['pings of ours', `every ${time(of('machines/peer', 'PING_INTERVAL_MS'))}`],
  ['pong to a ping of ours', time(of('io/link', 'PONG_TIMEOUT_MS'))],
  ['pings of a peer', pings],
  ['messages received from a peer, and sent to it, in one turn of the event loop', turn],
  [
    'received and waiting for the handlers of one peer',
    `${size(of('io/link', 'MAX_UNREAD_BYTES'))} in equal parts for its protocols; ${count(of('io/link', 'MAX_UNREAD_MESSAGES'))} messages for each`,
  ],
  ['bytes handed to the socket', size(of('io/link', 'MAX_HANDED_BYTES'))],
  [
    `messages queued, once ${size(of('io/link', 'CONGESTED_BYTES'))} is unsent; bytes queued`,
    `${count(of('io/link', 'MAX_QUEUED_MESSAGES'))}; ${size(of('io/link', 'MAX_UNSENT_BYTES'))}`,
  ],
  ['unsent bytes of the base protocol', size(of('io/link', 'MAX_UNSENT_BYTES'))],
  ['time in which the other side takes no byte', time(of('io/link', 'WRITE_STALL_MS'))],
  ['hanging up after a Disconnect', time(of('machines/connection', 'FAREWELL_MS'))],
  ['handlers after their peer ended', time(of('machines/peer', 'PROTOCOL_GRACE_MS'))],
  ['charts that one handler runs at once', count(of('server', 'MAX_PROTOCOL_ACTORS'))],
  // all connections
  ['peers, trusted ones excepted', count(maxPeers)],
  ['inbound peers', count(maxInbound)],
  [
    'peers from one IPv4 /24 or IPv6 /48; LAN, trusted and static ones excepted',
    count(maxPeersPerSubnet),
  ],
  ['inbound handshakes', count(maxPendingPeers)],
  [
    'inbound handshakes that wait for their turn; those from addresses of trusted and static nodes excepted',
    `${count(of('io/process', 'MAX_STRANGERS'))}, ${time(of('machines/connection', 'TURN_TIMEOUT_MS'))}`,
  ],
  ['CPU for inbound handshakes while peers have work waiting', 'a quarter of a core'],
  [
    'time of operations on the curve in one turn of the event loop, after which no other one starts',
    time(of('io/process', 'CURVE_TURN_MS')),
  ],
  [
    'auths remembered, to refuse copies',
    `${count(of('io/link', 'MAX_RECENT_AUTHS'))}, for ${of('io/link', 'RECENT_AUTH_MS') / 60_000} minutes`,
  ],
  [
    'inbound handshakes from one IPv4 address or IPv6 /64, LAN excepted',
    count(of('machines/listening', 'MAX_PENDING_PER_SOURCE')),
  ],
  [
    'admissions from one IPv4 address or IPv6 /64, LAN excepted',
    `one in ${time(of('machines/listening', 'INBOUND_THROTTLE_MS'))}`,
  ],
  [
    'sources remembered for that',
    count(of('machines/listening', 'PAGE_SOURCES') * of('machines/listening', 'MAX_PAGES')),
  ],
  ['dials at once', count(maxPendingPeers)],
  ['dials for each free place of a dialled peer', '2'],
  ['peers that we dialled, before static nodes wait', count(maxDialed)],
  [
    'memory kept for the next large message, over all servers of a process',
    size(of('io/crypto', 'MAX_SPARE_BYTES')),
  ],
  [
    'lookups of host names, one for each name, over all servers of a process',
    count(of('io/adapters', 'MAX_LOOKUPS')),
  ],
  [
    'former peers remembered for explanations',
    `${count(of('server', 'MAX_FORMER_PEERS'))} for ${of('server', 'FORMER_PEER_MS') / 60_000} min`,
  ],
  [
    'dials to one node',
    `one in ${time(of('machines/dialing', 'REDIAL_DELAY_MS'))}, from start to start`,
  ],
  [
    'time a node is left alone after its end, by the reason; static and trusted nodes excepted',
    `${BACK_OFF_MS.soon / 60_000} min when it has no room or may be starting again, ${BACK_OFF_MS.later / 60_000} min when it does not answer, ${BACK_OFF_MS.long / 3_600_000} h when it would end in the same way again; ± ${100 * BACK_OFF_SPREAD} %`,
  ],
  ['nodes that are left alone for a reason', count(of('machines/dialing', 'MAX_BACK_OFFS'))],
  [
    'peers that make room when all inbound or all dialled places are taken; static and trusted ones excepted',
    `with \`churn\`: one in ${of('machines/dialing', 'MIN_CHURN_PAUSE_MS') / 60_000} to ${of('machines/dialing', 'MAX_CHURN_PAUSE_MS') / 60_000} min, after ${of('machines/dialing', 'YOUNG_PEER_MS') / 60_000} min as a peer`,
  ],
  ['static nodes', count(of('machines/dialing', 'MAX_STATIC_NODES'))],
  ['trusted nodes', count(of('machines/server', 'MAX_TRUSTED_NODES'))],
  [
    'asking where a static node is now',
    `${time(of('machines/dialing', 'RESOLVE_TIMEOUT_MS'))}; again after ${time(of('machines/dialing', 'RESOLVE_PAUSE_MS'))}, doubled up to ${time(of('machines/dialing', 'MAX_RESOLVE_PAUSE_MS'))}`,
  ],
  ['bootnodes', `after ${time(of('machines/dialing', 'FALLBACK_DELAY_MS'))} without any peer`],
  [
    'candidates that wait for a place',
    `1, and ${1_000 / of('machines/dialing', 'CANDIDATE_PAUSE_MS')} useless ones each second`,
  ],
  [
    'candidates that `candidateFilter` passes over in a row',
    `${MAX_PASSED_OVER}, then a pause of ${FILTER_PAUSE_MS} ms`,
  ],
  [
    'listening address that is lost',
    `bound again after ${time(of('machines/listening', 'after1s'))}, doubled up to ${time(of('machines/listening', 'after60s'))}`,
  ],
  ['received from all peers: waiting for handlers, or expected', size(receiveBudgetBytes)],
  ['waiting to be sent to all peers', size(sendBudgetBytes)],
  ['open files of the process', count(files)],
  [
    'log lines that others cause',
    `${of('telemetry', 'LINES_PER_SOURCE')} a minute for each peer or address; ${of('telemetry', 'LINES_PER_SECOND')} a second`,
  ],
  [
    'message codes with a counter of their own',
    `${of('io/link', 'MAX_COUNTED_CODES')} of each protocol`,
  ],
  ['events that wait for an iterator', count(of('api', 'MAX_BUFFERED_EVENTS'))],
  ['`stop()`', '5 s'],
  // discovery
  ['datagram', `98 to ${size(of('io/crypto', 'MAX_PACKET_BYTES'))}`],
  [
    'datagram of discovery v5',
    `${of('io/wire', 'MIN_DISCV5_PACKET_BYTES')} to ${size(of('io/wire', 'MAX_DISCV5_PACKET_BYTES'))}`,
  ],
  [
    'expiration of a packet',
    `now to ${time(of('io/discovery', 'MAX_EXPIRATION_AHEAD_MS'))} ahead; ours are ${time(of('io/discovery', 'VALID_MS'))} ahead`,
  ],
  [
    'questions of one IPv4 address or IPv6 /64',
    `${rate(SOURCE_LIMITS.packets)}; ${LAN_FACTOR} times as many on the LAN`,
  ],
  [
    'pongs to endpoints of one source that have proven nothing',
    `${rate(SOURCE_LIMITS.pongs)}; ${SOURCE_LIMITS.allPongs.perSecond} a second to all`,
  ],
  [
    'pings to endpoints of one source that have proven nothing',
    `${SOURCE_LIMITS.pings.size}, and one more in ${1 / SOURCE_LIMITS.pings.perSecond} s; ${SOURCE_LIMITS.allPings.perSecond} a second to all`,
  ],
  ['sources whose budgets are remembered', count(of('io/discovery', 'MAX_SOURCES'))],
  [
    'CPU for signatures of questions, and as much for answers that we wait for',
    'a fifth of a core',
  ],
  [
    'packets remembered, to recognise copies',
    `${count(of('io/discovery', 'MAX_RECENT_PACKETS'))}, for ${time(of('io/discovery', 'RECENT_PACKET_MS'))}`,
  ],
  [
    'requests of ours that wait for an answer',
    `${count(of('io/discovery', 'MAX_REQUESTS'))}, for ${time(of('io/discovery', 'RESPONSE_TIMEOUT_MS'))}`,
  ],
  [
    'requests of ours by discovery v5, one at a time for each node; those to one node that wait',
    `${count(of('io/discovery', 'MAX_REQUESTS'))}, for ${time(of('io/discovery', 'PACKET_TIMEOUT_MS'))} without a packet or ${of('io/discovery', 'REQUEST_TIMEOUT_MS') / 1_000} s in all; ${of('io/discovery', 'MAX_QUEUED')}`,
  ],
  [
    'challenges by discovery v5 of packets of one source that no key opens',
    `${rate(SOURCE_LIMITS.whoareyous)}; ${SOURCE_LIMITS.allWhoareyous.perSecond} a second to all; ${LAN_FACTOR} times as many on the LAN`,
  ],
  [
    'handshakes of discovery v5 under way; wait for the answer to our challenge',
    `${count(of('io/discovery', 'MAX_HANDSHAKES'))}; ${time(of('machines/discovery', 'CHALLENGE_TIMEOUT_MS'))}`,
  ],
  [
    'endpoints with a session of discovery v5, of one source; its keys',
    `${count(of('io/discovery', 'MAX_SESSIONS'))}, ${of('io/discovery', 'MAX_SESSIONS_PER_SOURCE')}; ${time(of('machines/discovery', 'SESSION_LIFETIME_MS'))}`,
  ],
  [
    'datagrams that wait for discovery v5 on a socket that v4 owns; its time in one turn',
    `${of('io/discovery', 'MAX_WAITING_DATAGRAMS')}; ${time(of('io/discovery', 'DATAGRAM_TURN_MS'))}`,
  ],
  [
    'nodes that came to us by discovery v5, and are pinged at once',
    count(of('server', 'MAX_PROBES')),
  ],
  [
    'messages that wait while a handshake of their node is checked',
    count(of('io/discovery', 'MAX_WAITING')),
  ],
  [
    'handlers of TALKREQ at work; one of them',
    `${of('io/discovery', 'MAX_TALKS')}; ${time(of('io/discovery', 'TALK_TIMEOUT_MS'))}`,
  ],
  ['distances in a question to us that are looked at', count(of('io/discovery', 'MAX_DISTANCES'))],
  [
    'nodes in an answer',
    `${of('io/discovery', 'MAX_NODES_PER_ANSWER')}, in ${of('io/discovery', 'MAX_PACKETS_PER_ANSWER')} packets`,
  ],
  [
    'endpoint proof of another node; ours',
    `${time(of('io/discovery', 'THEIR_PROOF_MS'))}; ${time(of('io/discovery', 'OUR_PROOF_MS'))}`,
  ],
  [
    'nodes with an endpoint proof; without one',
    `${count(of('io/discovery', 'MAX_PROVEN'))}, of one address ${of('io/discovery', 'MAX_NODES_PER_HOST')}; ${count(of('io/discovery', 'MAX_STRANGERS'))}`,
  ],
  [
    'wait for the ping of a node that answered ours',
    time(of('machines/discovery', 'THEIR_PING_TIMEOUT_MS')),
  ],
  [
    'UDP socket that is lost',
    `bound again after ${time(of('io/discovery', 'FIRST_RETRY_MS'))}, doubled up to ${of('io/discovery', 'MAX_RETRY_MS') / 1_000} s`,
  ],
  ['nodes in the node store', count(of('io/discovery', 'MAX_STORED_NODES'))],
  ['endpoints remembered of one node', count(of('io/discovery', 'MAX_STORED_ENDPOINTS'))],
  ['time without an answer', time(of('io/discovery', 'NODE_EXPIRY_MS'))],
  [
    'changes that wait for the disk',
    `${time(of('io/discovery', 'WRITE_DELAY_MS'))}; ${count(of('io/discovery', 'MAX_UNWRITTEN'))}`,
  ],
  ['opening the node store', time(of('io/discovery', 'OPEN_TIMEOUT_MS'))],
  ['own keys whose record is kept', count(of('io/discovery', 'MAX_RECORDS'))],
  [
    'networks that must see an endpoint before our record claims it',
    `${of('machines/discovery', 'MIN_STATEMENTS')} within ${of('machines/discovery', 'STATEMENT_WINDOW_MS') / 60_000} minutes`,
  ],
  [
    'networks whose statement is kept, for each address family',
    count(of('machines/discovery', 'MAX_VOTERS')),
  ],
  [
    'changes of our record by what other nodes see',
    `one in ${of('machines/discovery', 'VOTE_PAUSE_MS') / 60_000} minutes`,
  ],
  [
    'preparing the key; opening the node store; closing it',
    ['KEY_TIMEOUT_MS', 'STORE_TIMEOUT_MS', 'STORE_CLOSE_TIMEOUT_MS']
      .map((name) => time(of('machines/discovery', name)))
      .join('; '),
  ],
  [
    'nodes of the table: buckets, entries of a bucket, replacements',
    `${of('machines/discovery', 'BUCKETS')}; ${of('machines/discovery', 'BUCKET_SIZE')}; ${of('machines/discovery', 'MAX_REPLACEMENTS')}`,
  ],
  [
    'nodes of one IPv4 /24 or IPv6 /48 in a bucket; of one IPv4 /24 or IPv6 /32 in the table',
    `${of('machines/discovery', 'MAX_PER_NETWORK_IN_BUCKET')}; ${of('machines/discovery', 'MAX_PER_NETWORK')}`,
  ],
  [
    'checks of nodes at once; one check',
    `${of('machines/discovery', 'MAX_CHECKS')}; ${time(of('machines/discovery', 'CHECK_TIMEOUT_MS'))}`,
  ],
  ['requests for nodes that fail in a row', count(of('machines/discovery', 'MAX_FIND_FAILURES'))],
  [
    'nodes asked in a lookup',
    `${of('machines/discovery', 'MAX_ASKED')}, in ${time(of('machines/discovery', 'LOOKUP_TIMEOUT_MS'))}; each for ${time(of('machines/discovery', 'ASK_TIMEOUT_MS'))}`,
  ],
  ['lookups at once', count(of('server', 'MAX_LOOKUPS'))],
  [
    'addresses that a walk gave, which may be dialled on the LAN too',
    count(of('server', 'MAX_FOUND_HOSTS')),
  ],
  [
    'lookup of the name of a bootnode',
    `${time(of('machines/discovery', 'NAME_LOOKUP_TIMEOUT_MS'))}; again after ${time(of('machines/discovery', 'FIRST_NAME_PAUSE_MS'))}, doubled up to ${of('machines/discovery', 'MAX_NAME_PAUSE_MS') / 1_000} s`,
  ],
  [
    'pause after a refresh that no node answered, and after the table lost its last node',
    `${time(of('machines/discovery', 'RETRY_PAUSE_MS'))}, doubled up to ${of('machines/discovery', 'MAX_RETRY_PAUSE_MS') / 1_000} s`,
  ],
  [
    'pause between lookups that find candidates',
    `${time(of('io/discovery', 'MIN_WALK_PAUSE_MS'))}, doubled up to ${of('io/discovery', 'MAX_WALK_PAUSE_MS') / 1_000} s while nothing is new`,
  ],
  [
    'nodes of such a lookup that wait to be taken; nodes that count as known',
    `${count(of('io/discovery', 'MAX_WAITING_NODES'))}; ${count(of('io/discovery', 'MAX_KNOWN_NODES'))}`,
  ],
  [
    'queries for TXT records; those that wait; each',
    `${of('io/discovery', 'TXT_QUERY_BURST')}, and ${of('io/discovery', 'TXT_QUERIES_PER_SECOND')} more each second; ${of('io/discovery', 'MAX_WAITING_QUERIES')}; ${time(of('io/discovery', 'TXT_TIMEOUT_MS'))}`,
  ],
  ['TXT records of one name', count(of('io/discovery', 'MAX_TXT_RECORDS'))],
  [
    'entry of a DNS node list; hashes in a branch; domain of a list',
    `${count(of('io/wire', 'MAX_ENTRY_CHARS'))} characters; ${of('io/wire', 'MAX_BRANCH_CHILDREN')}; ${of('io/wire', 'MAX_DOMAIN_CHARS')} characters`,
  ],
  [
    'entries in a round through one list, its links and its nodes counted apart; branches in branches',
    `${count(of('io/discovery', 'MAX_TREE_ENTRIES'))}; ${of('io/discovery', 'MAX_TREE_DEPTH')}`,
  ],
  ['entries of DNS node lists that are kept', count(of('io/discovery', 'MAX_CACHED_ENTRIES'))],
  [
    'DNS node lists, linked ones included; links of one list',
    `${of('io/discovery', 'MAX_TREES')}; ${of('io/discovery', 'MAX_LINKS')}`,
  ],
  [
    'root of a DNS node list; entries that cannot be read before it is checked',
    `${of('machines/discovery', 'ROOT_RECHECK_MS') / 60_000} minutes; ${of('machines/discovery', 'MAX_ENTRY_FAILURES')}`,
  ],
  [
    'pause before a root that gave no node is read again; before nodes are given again',
    `${time(of('machines/discovery', 'FIRST_ROOT_PAUSE_MS'))}, doubled up to ${of('machines/discovery', 'MAX_ROOT_PAUSE_MS') / 1_000} s; ${time(of('machines/discovery', 'ROUND_PAUSE_MS'))}`,
  ],
  [
    'mapping of a port by the router; renewal; pause after one that failed',
    `${of('machines/discovery', 'MAPPING_LIFETIME_MS') / 1_000} s; ${of('machines/discovery', 'REFRESH_MS') / 1_000} s; ${of('machines/discovery', 'RETRY_MS') / 1_000} s`,
  ],
  [
    'search for a router; one call to it; deletion of the mappings at a stop',
    `${time(of('machines/discovery', 'SEARCH_TIMEOUT_MS'))}; ${time(of('io/adapters', 'CALL_LIMIT_MS'))}; ${time(of('machines/discovery', 'UNMAP_TIMEOUT_MS'))}`,
  ],
  [
    'answer of a router over HTTP',
    `${size(of('io/nat', 'MAX_BODY_BYTES'))}, ${time(of('io/nat', 'HTTP_LIMIT_MS'))}`,
  ],
  ['sources of candidates', count(of('io/discovery', 'MAX_MIXED_SOURCES'))],
  ['our node record', size(of('io/wire', 'MAX_RECORD_BYTES'))],
  // node
  ['services; APIs', `${of('node', 'MAX_SERVICES')}; ${of('node', 'MAX_APIS')}`],
  [
    'data directory: locking and reading it, or its release',
    time(of('machines/node', 'DIRECTORY_TIMEOUT_MS')),
  ],
  [
    'another process that claims the data directory at the same time',
    time(of('node', 'MAX_LOOKS') * of('node', 'PAUSE_MS')),
  ],
  ['`static-nodes.json`, `trusted-nodes.json`', size(of('node', 'MAX_LIST_BYTES'))],
  [
    'a service that is made; `onServer`',
    `${time(of('machines/node', 'SERVICE_CREATION_TIMEOUT_MS'))}; ${time(of('machines/node', 'SERVER_CREATION_TIMEOUT_MS'))}`,
  ],
  [
    'start of the server, beyond the limits of its steps',
    time(of('machines/node', 'SERVER_START_TIMEOUT_MS')),
  ],
  [
    'start of one service; its stop',
    `${time(of('machines/node', 'SERVICE_START_TIMEOUT_MS'))}; ${time(of('machines/node', 'SERVICE_STOP_TIMEOUT_MS'))}`,
  ],
  [
    'opening of one API; its closing',
    `${time(of('machines/node', 'API_OPENING_TIMEOUT_MS'))}; ${time(of('machines/node', 'API_CLOSING_TIMEOUT_MS'))}`,
  ],
  ['`peerchart run`: stop of everything', time(of('cli', 'STOP_TIMEOUT_MS'))],
  [
    'configuration file of `peerchart run`; arrays in arrays',
    `${size(of('cli', 'MAX_CONFIG_BYTES'))}; ${of('cli', 'MAX_CONFIG_DEPTH')}`,
  ],
  [
    'a step of the start when the node is stopped meanwhile',
    time(of('machines/node', 'INTERRUPT_TIMEOUT_MS')),
  ],
  ['stop of the server, beyond its own limit', time(of('machines/node', 'SERVER_STOP_TIMEOUT_MS'))],
  // inspector and recordings
  ['viewers', count(of('inspect/web', 'MAX_VIEWERS'))],
  ['unread bytes of one viewer', `${size(of('inspect/web', 'MAX_UNREAD_BYTES'))} and a frame`],
  [
    'headers of a request',
    `${size(of('web', 'maxHeaderSize'))} in ${time(of('web', 'headersTimeout'))}`,
  ],
  [
    'request',
    `${time(of('web', 'requestTimeout'))}; body ${size(of('inspect/web', 'MAX_BODY_BYTES'))}`,
  ],
  ['connections', count(of('web', 'maxConnections'))],
  ['links; sessions', `${of('inspect/web', 'MAX_CODES')}; ${of('inspect/web', 'MAX_SESSIONS')}`],
  ['time in which a link is valid', time(of('inspect/web', 'CODE_MS'))],
  ['wrong codes', `${of('inspect/web', 'MAX_FAILURES_PER_MINUTE')} a minute`],
  ['actions of viewers', `${of('inspect/web', 'ACTIONS_PER_SECOND')} a second`],
  [
    'steps kept of each actor',
    `the first ${of('inspect/recorder', 'FIRST_STEPS')} and the latest ${of('inspect/recorder', 'LATEST_STEPS')}`,
  ],
  [
    'nodes whose address and latest dial are remembered',
    count(of('inspect/recorder', 'MAX_NODES')),
  ],
  [
    'ended endpoint proofs, lookups and lookups of bootnode names that are remembered',
    `${RECORDER_LIMITS.ended / of('inspect', 'BRIEF_SHARE')} of each`,
  ],
  [
    'tables of discovery in a recording',
    `${1_000 / of('inspect/recording', 'MIN_PAUSE_MS')} a second, later 1 in ${of('inspect/recording', 'MAX_PAUSE_MS') / 1_000} s`,
  ],
  ['recording', size(of('inspect/recording', 'DEFAULT_MAX_BYTES'))],
  [
    'bytes of a recording that wait for the disk',
    size(of('inspect/recording', 'MAX_WAITING_BYTES')),
  ],
  ['host names that a mask knows', count(of('inspect/recording', 'MAX_NAMES'))],
  // admin API
  [
    'request, or batch of them',
    `${size(of('admin', 'MAX_REQUEST_BYTES'))}, nested ${of('admin', 'MAX_DEPTH')} deep`,
  ],
  ['calls of a batch', count(of('admin', 'MAX_BATCH_CALLS'))],
  ['answers of a batch', size(of('admin', 'MAX_BATCH_ANSWER_BYTES'))],
  ['time for the result of a call', time(of('admin', 'CALL_TIMEOUT_MS'))],
  ['time in which a client takes an answer', time(of('admin', 'WRITE_TIMEOUT_MS'))],
  ['notifications that wait for one client', size(of('admin', 'MAX_UNREAD_BYTES'))],
  ['subscriptions of one client', count(of('admin', 'MAX_SUBSCRIPTIONS'))],
  ['clients of the Unix socket', count(of('admin', 'MAX_IPC_CLIENTS'))],
  ['endings that `peerchart_why` tells of', count(of('admin', 'MAX_ENDINGS'))],
  ['path of the Unix socket', size(of('admin', 'MAX_PATH_BYTES'))],
  // NATS and databases
  ['events of `run --publish` that wait for NATS', count(of('jetstream', 'MAX_WAITING_EVENTS'))],
  ['messages with events under way', count(of('jetstream', 'MAX_UNDER_WAY'))],
  ['events that wait when the node stops', time(of('jetstream', 'FLUSH_MS'))],
  ['a NATS server that is away', time(of('jetstream', 'PATIENCE_MS'))],
  ['answer to one request to NATS', time(of('jetstream', 'REQUEST_MS'))],
  ['nodes that wait for a visit, over all crawlers', count(of('crawl', 'MAX_WAITING'))],
  ['tasks that are being visited, over all crawlers', count(of('crawl', 'MAX_VISITING'))],
  ['a task that is neither acknowledged nor extended', time(of('crawl', 'ACK_WAIT_MS'))],
  ['a crawler without a task, while others visit nodes', time(of('crawl', 'TAKE_MS'))],
  ['a task that was given back', time(of('crawl', 'GIVE_BACK_MS'))],
  [
    'nodes that a crawler remembers without NATS; how long',
    `${count(of('crawl', 'MAX_REMEMBERED'))}; ${time(of('crawl', 'REMEMBERED_MS'))}`,
  ],
  [
    'a thread of a crawl without a task, while others visit nodes',
    time(of('crawl', 'SHARED_TAKE_MS')),
  ],
  ['a thread of a crawl that says nothing', time(of('crawl', 'SILENCE_MS'))],
  ['threads of a crawl that is stopped', time(of('crawl', 'STOP_MS'))],
  ['a PostgreSQL server that is away', time(of('crawl', 'PATIENCE_MS'))],
  ['connections to PostgreSQL', count(of('crawl', 'MAX_CONNECTIONS'))],
  ['a file of SQLite that another process writes', time(of('crawl', 'BUSY_MS'))],
  // the observer of eth
  ['wait for Status', time(of('machines/eth', 'STATUS_TIMEOUT_MS'))],
  ['Status', size(of('io/wire', 'MAX_STATUS_BYTES'))],
  ['transactions in one message of eth', count(of('io/wire', 'MAX_TRANSACTIONS'))],
  ['hashes, or items of an answer, in one message of eth', count(of('io/wire', 'MAX_ETH_ITEMS'))],
  ['requests of a peer of eth', rate(REQUEST_LIMIT)],
  [
    'answers of a peer of eth to no request',
    `${STALE_ANSWERS.size}, and one more every ${1 / STALE_ANSWERS.perSecond} s`,
  ],
  [
    'requests of ours to one peer of eth; how long each waits',
    `${count(of('protocols', 'MAX_TRACKED_REQUESTS'))}; ${time(of('protocols', 'REQUEST_LIFETIME_MS'))}`,
  ],
  ['items that wait for one iterator of eth', count(of('protocols', 'MAX_FEED_ITEMS'))],
  [
    'transactions that are remembered as announced, and as received',
    count(of('protocols', 'MAX_KNOWN_HASHES')),
  ],
  [
    'announced transactions of one peer that wait to be asked for',
    count(of('protocols', 'MAX_WAITING_HASHES')),
  ],
  [
    'transactions in one request; their announced bytes',
    `${of('protocols', 'MAX_REQUESTED_HASHES')}; ${size(of('protocols', 'MAX_REQUESTED_BYTES'))}`,
  ],
  ['wait for a transaction to come unasked', time(of('protocols', 'ARRIVAL_MS'))],
  ['answer to a request for transactions', time(of('protocols', 'RETRIEVAL_TIMEOUT_MS'))],
];

/** What the last table says of this server. */
const STRICTER: readonly (readonly [what: string, limit: string])[] = [
  ['ping, pong or another base message', base],
  ['pings in a burst', pings],
  ['Hello', `${time(of('machines/connection', 'HELLO_TIMEOUT_MS'))} after the handshake`],
  ['a second Hello', 'Disconnect 0x02'],
  ['message of a subprotocol without `maxMessageBytes`', size(DEFAULTS.maxMessageBytes)],
  ['first frame', 'refused by its header'],
  ['declared length of a Snappy block', bomb],
  ['pong to a ping of ours', time(of('io/link', 'PONG_TIMEOUT_MS'))],
  ['peers from one IPv4 /24 or IPv6 /48', count(maxPeersPerSubnet)],
  ['inbound handshakes from one source', count(of('machines/listening', 'MAX_PENDING_PER_SOURCE'))],
  [
    'inbound connections from one IPv6 /64',
    `one in ${time(of('machines/listening', 'INBOUND_THROTTLE_MS'))}`,
  ],
  [
    'a caller when every handshake slot is taken',
    `destroyed, or the oldest one that sent no valid auth for ${time(of('machines/listening', 'REPLACEABLE_AFTER_MS'))} is replaced`,
  ],
  [
    'the other side takes no byte, or reads too slowly',
    `${time(of('io/link', 'WRITE_STALL_MS'))}, or ${size(of('io/link', 'MAX_UNSENT_BYTES'))} unsent`,
  ],
  ['a handler that leaves its queue full', time(of('io/link', 'HANDLER_STALL_MS'))],
  ['candidates', 'public addresses, or inside `netRestrict`'],
];

const page = pageAt('docs/limits.md').text;
const [before = '', stricter = ''] = page.split('## Stricter than go-ethereum');

test.for([
  ['the tables of limits', before, LIMITS],
  ['the table of what is stricter', stricter, STRICTER],
] as const)('%s have the numbers of the sources', ([, text, expected]) => {
  const rows = [...text.matchAll(/^\| ([^|]+) \| ([^|]*) \|/gm)]
    .map(([, what, limit]) => [what!, limit!])
    .filter(([what]) => what !== 'What' && !what!.startsWith('---'));
  expect(rows).toEqual(expected);
});

test('what follows a limit has the numbers of the sources', () => {
  const after = (row: string): string =>
    page.split('\n').find((line) => line.startsWith(`| ${row} |`))!;
  expect(after('inbound handshakes')).toContain(
    `for ${time(of('machines/listening', 'REPLACEABLE_AFTER_MS'))}`,
  );
  expect(after('received and waiting for the handlers of one peer')).toContain(
    `after ${time(of('io/link', 'HANDLER_STALL_MS'))}`,
  );
  expect(after('unread bytes of one viewer')).toContain(
    `after ${time(of('inspect/web', 'MAX_BLOCKED_MS'))}`,
  );
  expect(after('log lines that others cause')).toContain(
    `every ${time(of('telemetry', 'SUPPRESSED_REPORT_MS'))}`,
  );
  expect(after('time without an answer')).toContain(
    `after ${time(of('io/discovery', 'SEED_AGE_MS'))}`,
  );
  for (const row of [
    'received from all peers: waiting for handlers, or expected',
    'waiting to be sent to all peers',
  ])
    expect(after(row)).toContain(size(of('io/process', 'GUARANTEED_BYTES')));
  expect(of('machines/server', 'GIVE_UP_TIMEOUT_MS')).toBeLessThan(5_000); // stop() takes 5 s at most
});

test('the most that one peer can hold, in MiB, rounded to ten', () => {
  const incoming = of('io/link', 'MAX_UNREAD_BYTES') + 2 * of('io/wire', 'MAX_FRAME_BYTES');
  const outgoing = 2 * of('io/link', 'MAX_UNSENT_BYTES');
  const rounded = Math.round((incoming + outgoing) / MIB / 10) * 10;
  expect(page).toContain(`One peer can hold at most about ${rounded} MiB`);
});

test('the most that all peers can hold together, in MiB, rounded up to ten', () => {
  const guaranteed = of('io/process', 'GUARANTEED_BYTES');
  // at most one chunk was read beyond what there was room for: with the message in it, the rest, and what Node has
  const oneEach = 2 * guaranteed + maxExpandedBytes(CHUNK_BYTES) + 2 * CHUNK_BYTES;
  const inTheMaking = 2 * of('io/wire', 'MAX_FRAME_BYTES');
  const all = receiveBudgetBytes + sendBudgetBytes + maxPeers * oneEach + inTheMaking;
  expect(page).toContain(`hold at most about ${Math.ceil(all / MIB / 10) * 10} MiB`);
  expect(page).toContain(`the two budgets of ${receiveBudgetBytes / MIB} MiB`);
  expect(page).toContain(`${(oneEach / MIB).toFixed(1)} MiB for each peer`);
  expect(page).toContain(`(${of('server', 'MIN_BUDGET_BYTES') / MIB} MiB at least)`);
  expect(sendBudgetBytes).toBe(receiveBudgetBytes);
});
