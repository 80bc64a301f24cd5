import { expect, test } from 'vitest';
import { stageCounts, stageOf } from '../../../../src/inspect/page/model/pipeline.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { NodeFrames, setupRow } from './node-frames.ts';

const DIALS = [
  ['checkingEndpoint', 'dialling'],
  ['lookingUpHost', 'dialling'],
  ['resolving', 'dialling'],
  ['connecting', 'tcp'],
  ['settingUp', 'tcp'],
] as const;

const SETUPS = [
  ['encHandshake.awaitingAuth', 'encHandshake'],
  ['postHandshakeCheckpoint', 'checkpoint1'],
  ['protoHandshake', 'hello'],
  ['identityCheck', 'checkpoint2'],
  ['addPeerCheckpoint', 'checkpoint2'],
  ['rejected.tooManyPeers', 'closing'],
  ['failed.connectionClosed', 'closing'],
] as const;

test('each live attempt is in one stage, and the stages add up', () => {
  const [node, store] = [new NodeFrames(), new Store()];
  for (const [place, [state]] of DIALS.entries()) {
    const row = { direction: 'static' as const, id: 'ab', remote: `a:${place}` };
    node.born('dial-task', `dial-task:${place}`, state, row);
  }
  for (const [place, [state]] of SETUPS.entries())
    node.born('connection-setup', `connection-setup:${place}`, state, setupRow());
  node.over(node.born('connection-setup', 'connection-setup:90', 'admitted', setupRow()));
  node.over(node.born('connection-setup', 'connection-setup:91', 'admitted', setupRow()));
  node.born('peer', 'peer:91', 'ending.rejected.silence', { protocols: [] });
  node.over(node.born('connection-setup', 'connection-setup:92', 'closed', setupRow()));
  store.apply(node.frame());
  const stages = [...store.attempts.all()].map(stageOf);
  expect(stages).toEqual([
    ...[...DIALS, ...SETUPS].map(([, stage]) => stage),
    ...['checkpoint2', 'peer', null],
  ]);
  const { live, ended, ...counts } = stageCounts(store);
  expect([live, ended]).toEqual([14, 1]);
  expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(live);
  expect(counts).toMatchObject({ dialling: 3, tcp: 2, checkpoint2: 3, closing: 2, peer: 1 });
});
