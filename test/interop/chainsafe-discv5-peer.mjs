/**
 * Nodes of @chainsafe/discv5 behind JSON lines, as the other side of the interop tests: events leave on stdout, commands
 * arrive on stdin. It ends at "stop", at the end of stdin or at SIGTERM. Types of both: peer-process.ts.
 */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Discv5 } from '@chainsafe/discv5';
import { ENR, SignableENR } from '@chainsafe/enr';

/** Answered with "chainsafe:" and the request. */
const TALK_PROTOCOL = 'interop';

const { values: options } = parseArgs({
  options: {
    bootnodes: { type: 'string', default: '' },
    count: { type: 'string', default: '1' },
  },
});

/** Records of the nodes that know no other one yet. */
const boot = options.bootnodes.split(',').filter(Boolean);
const nodes = [];
let stopping = false;

while (nodes.length < Number(options.count)) {
  const node = await start();
  if (nodes.length === 0) boot.push(node.enr.encodeTxt());
  nodes.push(node);
  if (node.kadValues().length > 0) await node.findRandomNode(); // so that others learn of it
  emit('started', { id: node.enr.nodeId, record: node.enr.encodeTxt() });
}

/** On a free port of loopback, which its record names once it is known. */
async function start() {
  const privateKey = new Uint8Array(randomBytes(32));
  const enr = SignableENR.createV4(privateKey);
  enr.ip = '127.0.0.1';
  enr.udp = 0;
  const node = Discv5.create({
    enr,
    privateKey: { type: 'secp256k1', raw: privateKey },
    bindAddrs: { ip4: enr.getLocationMultiaddr('udp4') },
    config: { enrUpdate: false, lookupParallelism: 10 },
  });
  await node.start();
  enr.udp = node.sessionService.transport.ip4.socket.address().port;
  for (const text of boot) node.addEnr(text);
  node.on('talkReqReceived', (from, _enr, { id, protocol, request }) => {
    const known = Buffer.from(protocol).toString() === TALK_PROTOCOL;
    const response = known ? Buffer.concat([Buffer.from('chainsafe:'), request]) : Buffer.alloc(0);
    node.sendTalkResp(from, id, response).catch((error) => complain('', error));
  });
  return node;
}

const idsOf = (records) => records.map(({ nodeId }) => nodeId);

const commands = {
  ping: async (node, { enode }) => {
    const { enrSeq, addr } = await node.sendPing(ENR.decodeTxt(enode));
    emit('pong', { seq: Number(enrSeq), udp: addr.port });
  },
  nodes: async (node, { enode, distances, index = 0 }) => {
    const found = await node.sendFindNode(ENR.decodeTxt(enode), distances);
    emit('found', { index, nodes: idsOf(found) });
  },
  enr: async (node, { enode }) => {
    const [newest] = await node.sendFindNode(ENR.decodeTxt(enode), [0]);
    emit('record', { record: newest.encodeTxt(), seq: Number(newest.seq) });
  },
  talk: async (node, { enode, protocol, text }) => {
    const response = await node.sendTalkReq(ENR.decodeTxt(enode), Buffer.from(text), protocol);
    emit('talked', { text: Buffer.from(response).toString() });
  },
  /** Every node on the way, as go-ethereum reports them; the library itself returns the closest that answered. */
  lookup: async (node, { enode, index = 0 }) => {
    const ids = new Set();
    const add = ({ nodeId }) => ids.add(nodeId);
    node.on('discovered', add);
    for (const record of await node.findNode(ENR.decodeTxt(enode).nodeId)) add(record);
    node.off('discovered', add);
    emit('found', { index, nodes: [...ids] });
  },
  table: (node) => emit('table', { nodes: idsOf(node.kadValues()) }),
  /** A newer record of the same node. */
  renew: ({ enr }) => {
    enr.set('renewed', Uint8Array.of(1));
    emit('record', { record: enr.encodeTxt(), seq: Number(enr.seq) });
  },
  stop,
};

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { cmd, ...parameters } = JSON.parse(line);
    try {
      if (!Object.hasOwn(commands, cmd)) throw new Error(`unknown command "${cmd}"`);
      await commands[cmd](nodes[parameters.index ?? 0], parameters);
    } catch (error) {
      complain(cmd, error);
    }
  })
  .on('close', stop);
process.on('SIGTERM', stop);

async function stop() {
  if (stopping) return;
  stopping = true;
  await Promise.all(nodes.map((node) => node.stop()));
  emit('stopped');
  process.exit(); // pings and lookups of the library may still wait
}

function complain(cmd, error) {
  emit('error', { cmd, error: String(error) });
}

function emit(type, fields) {
  process.stdout.write(`${JSON.stringify({ type, ...fields })}\n`);
}
