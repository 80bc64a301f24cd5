/** Our end of Node Discovery v5, for commands that exchange packets with nodes directly, without a server. */
import { Inspection } from '../actors/inspection.ts';
import { runActor } from '../actors/run-actor.ts';
import { discv5Handshake } from '../io/adapters/discv5-handshake.ts';
import { generateNodeKey, type NodeKey } from '../io/crypto/node-key.ts';
import type { NodeRecord } from '../io/crypto/node-record.ts';
import { defaultSet, primitivesOf } from '../io/crypto/primitive-sets.ts';
import { systemRandom } from '../io/crypto/primitives.ts';
import { Discv5 } from '../io/discovery/discv5.ts';
import type { Discv5Hooks } from '../io/discovery/discv5-options.ts';
import type { SessionStart } from '../io/discovery/discv5-sessions.ts';
import { udpBinder } from '../io/discovery/udp-socket.ts';
import type { Clock } from '../io/process/clock.ts';
import { thrownText } from '../io/process/thrown.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { printable } from '../io/wire/printable.ts';
import { discv5SessionMachine } from '../machines/discovery/discv5-session.ts';
import { recordAt } from './discv4-node.ts';
import { CommandError } from './error.ts';
import type { Terminal } from './terminal.ts';

export type Discv5NodeOptions = {
  readonly address: Endpoint;
  /** Our key; a new one unless given. */
  readonly key?: NodeKey;
  readonly clock: Clock;
  readonly hooks?: Omit<Discv5Hooks, 'onFault'>;
};

export type Discv5Node = {
  /** Its `close` ends all sessions. */
  readonly discv5: Discv5;
  readonly key: NodeKey;
  readonly record: NodeRecord;
};

/** Names no nodes to others. @throws {CommandError} The address cannot be bound. */
export async function openDiscv5(
  { address, key = generateNodeKey(), clock, hooks }: Discv5NodeOptions,
  { stderr }: Pick<Terminal, 'stderr'>,
): Promise<Discv5Node> {
  const { primitives } = primitivesOf(defaultSet());
  let record = recordAt(address, key); // with the real port once it is bound
  const say = (text: string): void => void stderr.write(`peerchart: ${printable(text)}\n`);
  const onFault = (error: unknown): void => say(`internal error: ${thrownText(error)}`);
  const inspection = new Inspection(onFault);
  const machine = discv5SessionMachine.provide({
    actors: {
      handshake: discv5Handshake((target, report) => discv5.openSession(target, report)),
    },
  });
  const startSession = (input: SessionStart): void =>
    void runActor(machine, {
      ...{ id: `discv5-session:${input.target.number}`, input, clock, inspection },
      settle: (ending) => {
        if (ending.status === 'error') onFault(ending.error);
      },
    });
  const discv5: Discv5 = await Discv5.bind(
    address,
    udpBinder({ clock }),
    {
      onLost: (message) => say(`the UDP socket is lost: ${message}`),
      onRestored: () => say('the UDP socket is back'),
    },
    {
      ...{ key, primitives, clock, random: systemRandom, startSession },
      record: () => record,
      isAllowed: () => true,
      nodesAt: () => [],
      recordOf: () => null,
      hooks: { ...hooks, onFault },
    },
  ).catch((error: Error) => {
    throw new CommandError(`the UDP address cannot be bound: ${error.message}`, { cause: error });
  });
  record = recordAt(discv5.local, key);
  return { discv5, key, record };
}
