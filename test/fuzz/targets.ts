/** Every target there is, by the order in which they are run. */
import { admin } from './admin-target.ts';
import { discv4Node } from './discv4-node-target.ts';
import { discv4 } from './discv4-target.ts';
import { discv5Node } from './discv5-node-target.ts';
import { discv5 } from './discv5-target.ts';
import { dnsTree } from './dns-tree-target.ts';
import { eth } from './eth-target.ts';
import { frames } from './frame-target.ts';
import { ack, auth, eciesRaw, packetReader } from './handshake-targets.ts';
import { nat } from './nat-target.ts';
import { record } from './record-target.ts';
import { session } from './session-target.ts';
import { snappy } from './snappy-target.ts';
import type { Target } from './target.ts';
import { enode, netRestrict, options, printed } from './text-targets.ts';
import {
  ackBody,
  authBody,
  disconnect,
  frameHeader,
  hello,
  messageId,
  rlp,
} from './wire-targets.ts';

export const TARGETS: readonly Target[] = [
  ...[rlp, hello, disconnect, frameHeader, messageId, snappy, authBody, ackBody],
  ...[packetReader, eciesRaw, auth, ack, frames],
  ...[
    enode,
    record,
    dnsTree,
    discv4,
    discv4Node,
    discv5,
    discv5Node,
    eth,
    nat,
    netRestrict,
    printed,
    options,
    admin,
  ],
  session,
];
