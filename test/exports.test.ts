/** The public surface, name by name: a change of this file is a change for every user. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as inspect from '../src/exports/inspect.ts';
import * as machines from '../src/exports/machines.ts';
import * as main from '../src/exports/main.ts';
import * as testing from '../src/exports/testing.ts';
import * as wire from '../src/exports/wire.ts';

type Manifest = {
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
};
const manifest = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as Manifest;

test('peerchart', () => {
  expect(Object.keys(main).sort()).toEqual([
    'DEFAULTS',
    'KeyFileError',
    'NETWORKS',
    'Node',
    'NodeError',
    'Server',
    'ServerError',
    'TalkError',
    'createNodeKey',
    'echo',
    'explain',
    'exportSecret',
    'forkFilter',
    'generateNodeKey',
    'headAtTime',
    'loadNodeKey',
    'networkOf',
    'openNodeKey',
    'parseNode',
    'saveNodeKey',
    'serveAdmin',
  ]);
});

test('peerchart/machines', () => {
  expect(Object.keys(machines).sort()).toEqual([
    'DIAL_FAILURES',
    'FAILURES',
    'LOOKUP_OUTCOMES',
    'NO_VOTES',
    'PEER_FAILURES',
    'PEER_REFUSALS',
    'PEER_REJECTIONS',
    'PROOF_FAILURES',
    'REFUSALS',
    'REJECTIONS',
    'SESSION_ENDINGS',
    'VOTE_RULES',
    'addFound',
    'addInbound',
    'bootnodeNameMachine',
    'closest',
    'closestLive',
    'compareDistance',
    'connectionSetupMachine',
    'dialGenerator',
    'dialSchedulerMachine',
    'dialTaskMachine',
    'discv5SessionMachine',
    'dnsTreeMachine',
    'emptyTable',
    'endpointProofMachine',
    'entriesOf',
    'isFullCone',
    'listenerMachine',
    'localNodeMachine',
    'logDistance',
    'lookupMachine',
    'nodeMachine',
    'peerMachine',
    'phaseOf',
    'portMapperMachine',
    'predictedEndpoint',
    'protocolMachine',
    'serverMachine',
    'tableMaintenanceMachine',
    'withContact',
    'withStatement',
  ]);
});

test('peerchart/inspect', () => {
  expect(Object.keys(inspect).sort()).toEqual([
    'Lifecycle',
    'PROTOCOL',
    'RECORDER_LIMITS',
    'RECORDING_VERSION',
    'Recorder',
    'RecordingError',
    'inspect',
    'readRecording',
    'readRecordingFile',
    'record',
    'replay',
  ]);
});

test('peerchart/wire', () => {
  expect(Object.keys(wire).sort()).toEqual([
    'BASE_PROTOCOL_LENGTH',
    'BASE_PROTOCOL_VERSION',
    'DISCONNECT_CODES',
    'Discv5Error',
    'MAX_BASE_MESSAGE_BYTES',
    'MAX_DISCV5_PACKET_BYTES',
    'MAX_MESSAGES_PER_KEY',
    'MAX_PACKET_BYTES',
    'MAX_RECORD_BYTES',
    'MAX_REQUEST_ID_BYTES',
    'MIN_DISCV5_PACKET_BYTES',
    'PacketError',
    'RecordError',
    'TreeError',
    'WireError',
    'asBytes',
    'asList',
    'asUint',
    'checkForkId',
    'compress',
    'decodeDisconnect',
    'decodeDiscv5',
    'decodeHello',
    'decodeRlp',
    'decompress',
    'encodeDisconnect',
    'encodeDiscv5',
    'encodeHello',
    'encodeRlp',
    'endpointOf',
    'entryName',
    'ethEntry',
    'forkIdAt',
    'forkIdIn',
    'formatBranch',
    'formatEnode',
    'formatRecord',
    'headAtTime',
    'messageNonce',
    'openHandshake',
    'openMessage',
    'parseEnode',
    'parseNode',
    'parseTreeUrl',
    'printable',
    'readDiscv5Packet',
    'readPacket',
    'readRecord',
    'readTreeEntry',
    'readTreeRoot',
    'recordBytes',
    'recordValue',
    'sealHandshake',
    'sealMessage',
    'sealPacket',
    'sealRandom',
    'sealWhoareyou',
    'senderOf',
    'signRecord',
    'signTreeRoot',
    'wipeKeys',
  ]);
});

test('peerchart/testing', () => {
  expect(Object.keys(testing).sort()).toEqual([
    'DEFAULT_LINK',
    'FakeActor',
    'INVARIANTS',
    'Internet',
    'MAX_CONFIGURATIONS',
    'MAX_DATAGRAM_BYTES',
    'MAX_UNREAD_BYTES',
    'MAX_UNREAD_FRAMES',
    'MemoryConnection',
    'MemoryTcp',
    'MemoryUdp',
    'Nat',
    'NodeClock',
    'RawPeerError',
    'ReplayError',
    'SeededRandom',
    'UNUSED_LINK',
    'UnexpectedMessage',
    'VirtualClock',
    'World',
    'WorldError',
    'checkModel',
    'connectionSetupInput',
    'coverageTable',
    'createWorld',
    'describeViolation',
    'expectMessage',
    'explore',
    'fakeAsker',
    'fakeCallerLookup',
    'fakeCandidates',
    'fakeDialer',
    'fakeGateway',
    'fakeHandler',
    'fakeHandshake',
    'fakeLink',
    'fakeNetwork',
    'fakeNodeResolver',
    'fakeNodeStore',
    'fakeParts',
    'fakeProber',
    'fakeReader',
    'fakeResolver',
    'fakeRunLoop',
    'fakeSigner',
    'fakeSocketServer',
    'fakeStore',
    'fastPrimitives',
    'messagePipe',
    'pairedPeers',
    'pathTo',
    'pathsOf',
    'rawPeer',
    'replayLive',
    'replayOver',
    'replayPure',
    'shortestFailing',
  ]);
});

test('entry points', () => {
  const entry = (name: string) => ({
    types: `./dist/exports/${name}.d.ts`,
    default: `./dist/exports/${name}.js`,
  });
  expect(manifest.exports).toEqual({
    '.': entry('main'),
    './machines': entry('machines'),
    './inspect': entry('inspect'),
    './wire': entry('wire'),
    './testing': entry('testing'),
  });
  expect(manifest.bin).toEqual({ peerchart: './dist/cli/main.js' });
  expect(manifest.files).toContain('dist');
});
