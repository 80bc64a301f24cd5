/**
 * What `peerchart why` prints about each reason for which a node may not want us, each caused by a real node in
 * memory. Sockets and go-ethereum are in test/interop.
 * Longer than 400 lines: it is one table of what people read, in full.
 */
import { describe, expect, test } from 'vitest';
import type { Confidence } from '../../src/api/explanation.ts';
import { PHASES, type Phase } from '../../src/cli/phases.ts';
import { formatEnode, parseEnode } from '../../src/io/crypto/enode.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { helloOf } from '../support/raw-peer-in-world.ts';
import { enodeOf, keyOf } from '../support/world.ts';
import {
  askWhy,
  banner,
  type Cause,
  goodbye,
  guest,
  hear,
  PLACE,
  peer,
  phasesOf,
  server,
} from './asking-why.ts';

const ECHO = { name: 'echo', version: 1 };
const ETH = [{ name: 'eth', version: 69 }];
const OFFER_ETH = ['--offer', 'eth/69'];
const IN_LAN = '10.1.2.3';

const WRONG_KEY = formatEnode({ ...parseEnode(enodeOf(3)), tcpPort: PLACE.port });

type Row = {
  readonly cause: Cause;
  readonly words?: readonly string[];
  readonly enode?: string;
  /** The one that fails: those before it pass, those after it are not reached. */
  readonly phase: Phase;
  readonly state: string;
  readonly confidence: Confidence;
  readonly verdict: string;
  readonly remedy: string;
  /** Lines among the others. */
  readonly evidence?: readonly string[];
};

function upTo(failed: Phase): string[] {
  const at = PHASES.indexOf(failed);
  const resultOf = (index: number): string => {
    if (index === at) return 'failed';
    if (index > at) return 'notReached';
    return index === 0 || PHASES[index] === 'status' ? 'skipped' : 'passed';
  };
  return PHASES.map((phase, index) => `${phase} ${resultOf(index)}`);
}

const HUNG_UP = {
  phase: 'ack',
  state: 'failed.connectionClosed',
  confidence: 'likely',
  verdict:
    'They hung up on our auth without sending a byte: the public key in the enode is probably not theirs, or they turn our address away, as go-ethereum does for 30 s after a connection.',
  remedy:
    'Get a fresh enode of the node; if the key is right, wait 35 s, since go-ethereum accepts an address once in 30 s, then ask whether they restrict networks.',
} as const;

const NO_RLPX = {
  phase: 'ack',
  state: 'failed.handshakeSizeOutOfRange',
  confidence: 'likely',
  remedy: 'Compare the port with the one that the node announces.',
} as const;

const THEY_ARE_FULL =
  'Try others, or later; only their operator can make room, by making us a trusted node.';
const OTHER_CHAIN =
  'Compare network id, genesis hash and fork id: both Status messages must name the same chain.';

const ROWS: Readonly<Record<string, Row>> = {
  'TCP refused': {
    cause: async () => {},
    phase: 'tcp',
    state: 'connectionRefused',
    confidence: 'certain',
    verdict: 'Nothing listens at that address and port.',
    remedy: 'Check that the node runs, and that this is its TCP port.',
  },
  'TCP timeout': {
    cause: async ({ network }) => network.silence(PLACE),
    phase: 'tcp',
    state: 'connectTimeout',
    confidence: 'likely',
    verdict: 'The address does not answer: down, or behind a firewall.',
    remedy: 'Try from another network: the node is down, or a firewall or NAT drops what we send.',
  },
  'TCP accepted, reset with no bytes, fast': {
    cause: async ({ network }) => network.reset(PLACE),
    phase: 'tcp',
    state: 'lostAtOnce',
    confidence: 'likely',
    verdict:
      'They accepted the connection and closed it at once: they filter our address, or they run go-ethereum and we connected within the last 30 s.',
    remedy: 'Wait 35 s and try again; if it stays, ask whether they restrict networks.',
    evidence: ['detail: ECONNRESET'],
  },
  'TCP accepted, reset with no bytes, fast, in the LAN': {
    cause: async ({ network }) => network.reset({ ...PLACE, host: IN_LAN }),
    enode: enodeOf(2).replace(PLACE.host, IN_LAN),
    phase: 'tcp',
    state: 'lostAtOnce',
    confidence: 'likely',
    verdict: 'They accepted the connection and closed it at once: they filter our address.',
    remedy: 'Ask whether they restrict networks.',
  },
  'TCP accepted, closed with no bytes, fast: netrestrict': {
    cause: server({ netRestrict: ['95.33.0.0/16'] }),
    evidence: ['we dialled: encHandshake.awaitingAck → failed.connectionClosed'],
    ...HUNG_UP,
  },
  'TCP accepted, closed with no bytes, fast: same IP within 30 s': {
    cause: sameAddress(1_000),
    ...HUNG_UP,
  },
  'auth sent, closed: wrong public key': { cause: server(), enode: WRONG_KEY, ...HUNG_UP },
  'auth sent, closed after a while': {
    cause: async (world) => {
      const { network } = world;
      network.attach(PLACE, ({ duplex }) => void duplex.resume());
      return async () => {
        await world.advance(2_000);
        network.connections[0]!.b.destroy();
      };
    },
    ...HUNG_UP,
    confidence: 'possible',
    verdict:
      'They hung up a while after our auth without sending a byte: a wrong public key, not RLPx, or no free handshake slot.',
    remedy: 'Get a fresh enode of the node, and if key and port are right, try again later.',
  },
  'auth sent, silence': {
    cause: banner(null),
    phase: 'ack',
    state: 'failed.encHandshakeTimeout',
    confidence: 'possible',
    verdict:
      'They did not answer our auth: the public key in the enode is not theirs, the port does not speak RLPx, or all their handshake slots are in use.',
    remedy: 'Get a fresh enode of the node, and if key and port are right, try again later.',
  },
  'ack undecipherable: a web server': {
    cause: banner('HTTP/1.1 400 Bad Request\r\n'),
    ...NO_RLPX,
    verdict: 'This is a web server, not RLPx: their first bytes say so.',
  },
  'ack undecipherable: SSH': {
    cause: banner('SSH-2.0-OpenSSH_9.6\r\n'),
    ...NO_RLPX,
    verdict: 'This is an SSH server or client, not RLPx: their first bytes say so.',
  },
  'ack undecipherable: something else': {
    cause: banner(Uint8Array.of(0xff, 0xfd)),
    ...NO_RLPX,
    verdict: 'The bytes are not RLPx: the handshake packet announces an impossible size.',
    remedy:
      'Compare the port with the one the node announces: a web server or a scanner sends such bytes.',
  },
  'ack undecipherable: of the right size': {
    cause: banner(Uint8Array.from({ length: 400 }, (_, at) => [1, 0x72, 4][at] ?? 7)),
    phase: 'ack',
    state: 'failed.invalidPublicKey',
    confidence: 'likely',
    verdict:
      'The answer to our auth is not an ack for us: the port does not speak RLPx, or something in between alters bytes.',
    remedy: 'Compare the key and the port with those that the node announces.',
  },
  'ack undecipherable: only its beginning': {
    cause: banner(Uint8Array.of(1, 0x72, 4)),
    phase: 'ack',
    state: 'failed.encHandshakeTimeout',
    confidence: 'possible',
    verdict: 'Only a part of an ack arrived: the connection is very slow, or this is not RLPx.',
    remedy: 'Compare the port with the one that the node announces.',
  },
  'Disconnect before Hello, uncompressed 0x04': {
    cause: server({ maxPeers: 0 }),
    phase: 'hello',
    state: 'refused.tooManyPeers',
    confidence: 'certain',
    verdict: 'They have no free slot.',
    remedy: THEY_ARE_FULL,
    evidence: ['code: 4'],
  },
  'Hello then 0x03: no shared capability': {
    cause: server(),
    words: OFFER_ETH,
    phase: 'capabilities',
    state: 'rejected.uselessPeer',
    confidence: 'certain',
    verdict: 'We share no capability of the same name and version.',
    remedy:
      'Compare the capabilities in their Hello with your protocols: name and version must both match.',
    evidence: ['ours: eth/69', 'theirs: echo/1'],
  },
  'Hello then 0x03: another network, as Nethermind says it': {
    cause: peer('uselessPeer', 0, { client: 'Nethermind/v1.30', capabilities: ETH }),
    words: OFFER_ETH,
    phase: 'peer',
    state: 'ending.refused.uselessPeer',
    confidence: 'likely',
    verdict: 'We are on another network than they are: Nethermind sends "useless peer" for that.',
    remedy: OTHER_CHAIN,
    evidence: ['their client: Nethermind/v1.30', 'shared: eth/69', 'code: 3'],
  },
  'Hello then 0x04: full, checked again': {
    cause: peer('tooManyPeers'),
    phase: 'peer',
    state: 'ending.refused.tooManyPeers',
    confidence: 'certain',
    verdict: 'They are full: they counted their peers again after our Hello.',
    remedy: THEY_ARE_FULL,
  },
  '0x05 before Hello: already connected': {
    cause: goodbye('alreadyConnected'),
    phase: 'hello',
    state: 'refused.alreadyConnected',
    confidence: 'likely',
    verdict: 'They hold another connection to us.',
    remedy:
      'Wait for the other connection to end; if there is none, another node runs with a copy of your key file.',
  },
  '0x05 after Hello: a crossed dial': {
    cause: peer('alreadyConnected'),
    phase: 'peer',
    state: 'ending.refused.alreadyConnected',
    confidence: 'likely',
    verdict: 'They hold another connection to us.',
    remedy:
      'Nothing: the other connection stays; if there is none, another node runs with a copy of your key file.',
  },
  '0x06: p2p version': {
    cause: goodbye('incompatibleVersion'),
    phase: 'hello',
    state: 'refused.incompatibleVersion',
    confidence: 'certain',
    verdict: 'They speak another p2p version.',
    remedy: 'Dial another node: this one wants a version of the p2p protocol other than 5.',
  },
  '0x09: identity mismatch, seen by them': {
    cause: goodbye('unexpectedIdentity'),
    phase: 'hello',
    state: 'refused.unexpectedIdentity',
    confidence: 'likely',
    verdict: 'They expected another key behind our address.',
    remedy:
      'Give them our current enode: the one they have for our address has another key, as after a change of the key file.',
  },
  '0x09: identity mismatch, seen by us': {
    cause: guest((them) =>
      them.sendHello(helloOf(2, { publicKey: publicKeyHex(keyOf(5).publicKey) })),
    ),
    phase: 'hello',
    state: 'rejected.unexpectedIdentity',
    confidence: 'certain',
    verdict: 'Hello claims another key than the one proven by the enc handshake.',
    remedy: 'Nothing on this side: their node confuses two keys of its own.',
  },
  '0x0a: self': {
    cause: goodbye('self'),
    phase: 'hello',
    state: 'refused.self',
    confidence: 'certain',
    verdict: 'They have the same key as we do.',
    remedy:
      'Make a new key: another node runs with a copy of your key file, or you dialled yourself.',
  },
  'Status then 0x10, as go-ethereum says it': {
    cause: peer('subprotocolError', 0, { client: 'Geth/v1.17', capabilities: ETH }),
    words: OFFER_ETH,
    phase: 'peer',
    state: 'ending.refused.subprotocolError',
    confidence: 'likely',
    verdict:
      'Their eth handshake failed with ours: another network id, genesis or fork id, or no Status in time.',
    remedy: OTHER_CHAIN,
  },
  'Status then 0x02: it cannot be decoded': {
    cause: peer('breachOfProtocol', 0, { client: 'Geth/v1.17', capabilities: ETH }),
    words: OFFER_ETH,
    phase: 'peer',
    state: 'ending.refused.breachOfProtocol',
    confidence: 'likely',
    verdict:
      'They could not decode a message of ours: so early it is our eth Status, if we sent one.',
    remedy:
      'Compare the fields of your Status with the version of eth that is shared: eth/69 changed them.',
  },
  '0x0b about 5 s after Hello': {
    cause: peer('readTimeout', 5_000, { capabilities: ETH }),
    words: [...OFFER_ETH, '--stay', '10'],
    phase: 'peer',
    state: 'ending.refused.readTimeout',
    confidence: 'likely',
    verdict: 'They waited 5 s for our eth Status, and we sent none.',
    remedy: 'Send Status as soon as your eth handler starts.',
  },
  '0x00 after 10 min': {
    cause: server({}, async (world, { server: { peers } }) => {
      const [us] = peers;
      await world.advance(600_000, 5_000);
      us!.disconnect('requested');
    }),
    words: ['--stay', '700'],
    phase: 'peer',
    state: 'ending.refused.requested',
    confidence: 'possible',
    verdict:
      'They disconnected after 10 min or more without a reason: deliberate churn, or a badly encoded reason that reads as 0.',
    remedy: 'Nothing: such clients replace some peers every few minutes; we dial again.',
  },
  'EOF mid-session, no Disconnect': {
    cause: server({}, async (world) => {
      await world.advance(60_000);
      world.network.connections[0]!.b.destroy();
    }),
    words: ['--stay', '700'],
    phase: 'peer',
    state: 'ending.failed.connectionClosed',
    confidence: 'possible',
    verdict:
      'They hung up in the middle of a session without a Disconnect: a crash, a NAT that dropped the connection, or bytes they could not authenticate.',
    remedy:
      'Nothing, if it is one node; if all end like this, look for a NAT or firewall that drops idle connections.',
  },
};

describe('table J1', () => {
  test.for(Object.entries(ROWS))('%s', async ([, row]) => {
    const { cause, words, enode, phase, evidence = [], ...told } = row;
    const { state, confidence, verdict, remedy } = told;
    const report = await askWhy(cause, words, enode);
    expect(report.explanation).toMatchObject({ verdict, remedy, confidence });
    expect(report.explanation.evidence).toEqual(expect.arrayContaining([...evidence]));
    expect(report.state).toBe(state);
    expect(phasesOf(report)).toEqual(upTo(phase));
    expect(report.isPeer).toBe(false);
  });

  test.for(Object.entries(ROWS))('%s: a server and its log say the same', async ([, row]) => {
    const { cause, words, enode, state, confidence, verdict, remedy } = row;
    const told = await hear(cause, words?.includes('eth/69') ? ETH[0]! : ECHO, enode);
    expect(told.state).toBe(state);
    expect(told.explanation).toMatchObject({ verdict, remedy, confidence });
  });

  test('same IP within 30 s, and 35 s later', async () => {
    expect((await askWhy(sameAddress(35_000))).isPeer).toBe(true);
  });
});

describe('endings whose cause cannot be known', () => {
  const ASK_THEM =
    'Ask the operator of the node; many clients send this to nodes that they banned or do not want.';
  test.for<[string, Cause, string, Phase, string, string, string]>([
    [
      '0x00 instead of Hello',
      goodbye('requested'),
      'refused.requested',
      'hello',
      'They asked to disconnect, without a reason.',
      ASK_THEM,
      'code: 0',
    ],
    [
      'a reason that no specification names',
      goodbye(0x4d),
      'refused.unrecognised',
      'hello',
      'They disconnected with a reason that devp2p does not define.',
      'Look up the code of the facts in the documentation of their client.',
      'code: 77',
    ],
    [
      '0x00 at once',
      peer('requested'),
      'ending.refused.requested',
      'peer',
      'They asked to disconnect: often deliberate churn.',
      'Nothing, if it is one node; many clients change their peers on purpose.',
      'code: 0',
    ],
    [
      'an end at once',
      peer(null),
      'ending.failed.connectionClosed',
      'peer',
      'They hung up within seconds of becoming a peer, without a reason.',
      'Try again; if it repeats, only their log can say why.',
      'shared: echo/1',
    ],
  ])('%s', async ([, cause, state, phase, verdict, remedy, line]) => {
    const report = await askWhy(cause);
    expect(report.explanation).toMatchObject({ verdict, remedy, confidence: 'unknown' });
    expect(report.explanation.evidence).toContain(line);
    expect(report.state).toBe(state);
    expect(phasesOf(report)).toEqual(upTo(phase));
  });
});

/** A server far away that our address has called `agoMs` before. */
function sameAddress(agoMs: number): Cause {
  const address = { host: '95.33.21.2', port: 4_444 };
  return async (world) => {
    await server()(world);
    const { network } = world;
    const connect = network.connect.bind(network);
    network.connect = (to) => connect(to, address);
    network.connect({ ...PLACE })!.a.destroy();
    await world.advance(agoMs);
  };
}
