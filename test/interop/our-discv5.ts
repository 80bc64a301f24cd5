/** A node of Node Discovery v5 of ours on loopback, without a server: the class, and the chart of each session. */
import { onTestFinished } from 'vitest';

import { Inspection } from '../../src/actors/inspection.ts';
import { runActor } from '../../src/actors/run-actor.ts';
import { discv5Handshake } from '../../src/io/adapters/discv5-handshake.ts';
import { type Node, nodeOfRecord } from '../../src/io/crypto/node.ts';
import { generateNodeKey, type NodeKey } from '../../src/io/crypto/node-key.ts';
import { defaultSet, primitivesOf } from '../../src/io/crypto/primitive-sets.ts';
import { systemRandom } from '../../src/io/crypto/primitives.ts';
import { Discv5 } from '../../src/io/discovery/discv5.ts';
import { udpBinder } from '../../src/io/discovery/udp-socket.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { formatRecord } from '../../src/io/wire/enr.ts';
import {
  discv5SessionMachine,
  type SessionEnding,
} from '../../src/machines/discovery/discv5-session.ts';
import { logDistance } from '../../src/machines/discovery/distance.ts';
import { recordOf } from '../support/discv4-net.ts';

const { primitives } = primitivesOf(defaultSet());

/** Of each kind of message that comes, the last one; and how each session that is over ended. */
export type OurDiscv5 = {
  readonly discv5: Discv5;
  readonly key: NodeKey;
  readonly endings: readonly SessionEnding[];
  /** Nodes of which a handshake brought a record with an endpoint. */
  readonly met: readonly string[];
  readonly record: () => string;
  /** From now on, our record has the next sequence number. */
  readonly renew: () => void;
};

export async function startOurs({
  known = [] as readonly Node[],
  key = generateNodeKey(),
  at = { host: '127.0.0.1', port: 0 } as Endpoint,
} = {}): Promise<OurDiscv5> {
  const endings: SessionEnding[] = [];
  const met: string[] = [];
  let seq = 1;
  const fail = (error: unknown): never => {
    throw error;
  };
  const inspection = new Inspection(fail);
  const machine = discv5SessionMachine.provide({
    actors: { handshake: discv5Handshake((...inputs) => discv5.openSession(...inputs)) },
  });
  const record = () => recordOf(key, discv5.local, seq);
  const discv5: Discv5 = await Discv5.bind(
    at,
    udpBinder({ clock: systemClock }),
    { onLost: () => {}, onRestored: () => {} },
    {
      ...{ key, primitives, clock: systemClock, random: systemRandom, record },
      isAllowed: () => true,
      nodesAt: (distance) => known.filter(({ id }) => logDistance(key.id, id) === distance),
      recordOf: () => null,
      startSession: (input) => {
        runActor(machine, {
          ...{ id: `session:${input.target.number}`, input, clock: systemClock, inspection },
          settle: (ending) =>
            void endings.push(ending.status === 'done' ? ending.output.outcome : 'internalError'),
        });
      },
      hooks: { onNode: ({ node }) => met.push(node.id), onFault: fail },
    },
  );
  onTestFinished(() => discv5.close());
  return {
    ...{ discv5, key, endings, met },
    record: () => formatRecord(record().bytes),
    renew: () => {
      seq += 1;
    },
  };
}

/** A node that does not run, with a record. */
export const absentNode = (port: number): Node =>
  nodeOfRecord(recordOf(generateNodeKey(), { host: '127.0.0.1', port }));
