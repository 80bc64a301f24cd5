/** What others ask in a session, and our answers: a ping, nodes at distances, and TALKREQs, which users answer. */
import { BoundedMap } from '../process/bounded-map.ts';
import type { Discv5Message } from '../wire/discv5-message.ts';
import { hexOf } from '../wire/hex.ts';
import { nodesMessages, recordsFor } from './discv5-nodes.ts';
import type { Discv5Options } from './discv5-options.ts';
import type { Session } from './discv5-sessions.ts';
import { MAX_RECENT_PACKETS, RECENT_PACKET_MS } from './packet-check.ts';
import type { SourceBudgets } from './source-budgets.ts';
import { type TalkHandler, TalkHandlers } from './talk-handlers.ts';

type Message<Type extends Discv5Message['type']> = Extract<Discv5Message, { readonly type: Type }>;

export type Discv5Question = Message<'ping' | 'findNode' | 'talkRequest'>;

/** Why a question gets no answer. */
export type QuestionRefusal = 'duplicatePacket' | 'sourceBudget';

export class Discv5Answers {
  readonly #options: Discv5Options;
  readonly #budgets: SourceBudgets;
  readonly #reply: (session: Session, message: Discv5Message) => void;
  readonly #talks: TalkHandlers;
  /** When questions came, by nonce. At most MAX_RECENT_PACKETS. */
  readonly #recent = new BoundedMap<string, number>(MAX_RECENT_PACKETS);

  /** @param reply Sends a message with the keys of the session, to where its packets come from. */
  constructor(
    options: Discv5Options,
    budgets: SourceBudgets,
    reply: (session: Session, message: Discv5Message) => void,
  ) {
    this.#options = options;
    this.#budgets = budgets;
    this.#reply = reply;
    this.#talks = new TalkHandlers(options.clock, options.hooks.onFault);
  }

  /** Handlers of TALKREQs at work. */
  get talks(): number {
    return this.#talks.size;
  }

  /** See `TalkHandlers.add`. */
  handleTalk(protocol: string, handler: TalkHandler): () => void {
    return this.#talks.add(protocol, handler);
  }

  /** @param nonce Of its packet: a recorded packet that is sent again has the same. */
  answer(session: Session, message: Discv5Question, nonce: Uint8Array): QuestionRefusal | null {
    const key = hexOf(nonce);
    const now = this.#options.clock.now();
    const cameAt = this.#recent.get(key);
    if (cameAt !== undefined && now - cameAt < RECENT_PACKET_MS) return 'duplicatePacket';
    if (!this.#budgets.takePacket(session.target.endpoint.host)) return 'sourceBudget';
    this.#recent.set(key, now);
    this.#answer(session, message);
    return null;
  }

  /** No TALKREQ is answered any more. */
  close(): void {
    this.#talks.close();
  }

  #answer(session: Session, message: Discv5Question): void {
    switch (message.type) {
      case 'ping':
        return this.#answerPing(session, message);
      case 'findNode':
        return this.#answerFindNode(session, message);
      case 'talkRequest':
        return this.#answerTalk(session, message);
    }
  }

  #answerPing(session: Session, { requestId, recordSeq: seq }: Message<'ping'>): void {
    const { record, hooks } = this.#options;
    const { target, node } = session;
    const { host, port: udpPort } = target.endpoint;
    const { seq: recordSeq } = record();
    this.#reply(session, { type: 'pong', requestId, recordSeq, host, udpPort });
    if (node) hooks.onPing?.({ node, from: target.endpoint, seq });
  }

  #answerFindNode(session: Session, { requestId, distances }: Message<'findNode'>): void {
    const { record, nodesAt } = this.#options;
    const { id, endpoint } = session.target;
    const requester = { id, host: endpoint.host };
    const records = recordsFor(distances, { record: record(), nodesAt, requester });
    for (const nodes of nodesMessages(requestId, records)) this.#reply(session, nodes);
  }

  #answerTalk(session: Session, { requestId, protocol, payload }: Message<'talkRequest'>): void {
    const { node, target } = session;
    if (!node) return; // a session has one from its first message on
    this.#talks.handle(protocol, { node, from: target.endpoint, payload }, (response) =>
      this.#reply(session, { type: 'talkResponse', requestId, payload: response }),
    );
  }
}
