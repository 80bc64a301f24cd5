/** Why an attempt to dial a node ends without a peer. Each key is a final state of `dial-task.ts`. */
import type { ReasonText } from '../reason-states.ts';

/** Why an attempt ended without a peer, and what operators can do about it. Each key is a final state. */
export const DIAL_FAILURES = {
  noTcpPort: {
    confidence: 'certain',
    sentence: 'The node announces no TCP port.',
    remedy: 'Add the port to the enode: enode://<key>@<host>:<port>.',
  },
  nodeNotFound: {
    confidence: 'certain',
    sentence: 'The node has no address, and the resolver found none.',
    remedy: 'Give an enode with an address, or a resolver that knows the node.',
  },
  hostNotFound: {
    confidence: 'certain',
    sentence: 'The name has no address.',
    remedy: 'Check the spelling of the name, or give an address.',
  },
  hostLookupFailed: {
    confidence: 'certain',
    sentence:
      'The name could not be looked up: a name server reported an error, or none was reached.',
    remedy:
      'Check the name servers of this machine, whose error is in the detail, or give an address instead of a name.',
  },
  hostLookupTimeout: {
    confidence: 'likely',
    sentence: 'The name server did not answer in time.',
    remedy: 'Check the name server of this machine, or give an address instead of a name.',
  },
  notInNetRestrict: {
    confidence: 'certain',
    sentence: 'The address is outside the networks in netRestrict.',
    remedy: 'Add the network of the node to netRestrict, or take the node out of your lists.',
  },
  connectionRefused: {
    confidence: 'certain',
    sentence: 'Nothing listens at that address and port.',
    remedy: 'Check that the node runs, and that this is its TCP port.',
  },
  unreachable: {
    confidence: 'certain',
    sentence: 'There is no route to that address.',
    remedy: 'Check the address, and your own network; an IPv6 address needs IPv6 here too.',
  },
  connectTimeout: {
    confidence: 'likely',
    sentence: 'The address does not answer: down, or behind a firewall.',
    remedy: 'Try from another network: the node is down, or a firewall or NAT drops what we send.',
  },
  lostAtOnce: {
    confidence: 'likely',
    sentence:
      'They accepted the connection and closed it at once: they filter our address, or they run go-ethereum and we connected within the last 30 s.',
    remedy: 'Wait 35 s and try again; if it stays, ask whether they restrict networks.',
  },
  connectFailed: {
    confidence: 'unknown',
    sentence: 'The operating system could not connect.',
    remedy:
      'Read the detail: it is the error of the operating system, such as too many open files.',
  },
  setupFailed: {
    confidence: 'certain',
    sentence: 'Connected, but the connection did not become a peer; its own state says why.',
    remedy: 'Read how its connection ended: that state has its own advice.',
  },
  setupTimeout: {
    confidence: 'unknown',
    sentence: 'Connection setup did not report its end.',
    remedy: 'Report it with the log: setup has limits of its own that should have ended it before.',
  },
  alreadyConnected: {
    confidence: 'certain',
    sentence: 'The node became a peer over another connection.',
    remedy: 'Nothing: the node is a peer.',
  },
  cancelled: {
    confidence: 'certain',
    sentence: 'The server stopped, or the node was removed.',
    remedy: 'Nothing: it is what you asked for.',
  },
} as const satisfies Record<string, ReasonText>;

export type DialFailure = keyof typeof DIAL_FAILURES;
