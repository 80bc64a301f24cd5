/** What others ask in a session, and our answers: a ping, nodes at distances, and TALKREQs, which users answer. */
import type { Discv5Message } from '../wire/discv5-message.ts';
import { nodesMessages, recordsFor } from './discv5-nodes.ts';
import type { Discv5Options } from './discv5-options.ts';
import type { Session } from './discv5-sessions.ts';
import { type TalkHandler, TalkHandlers } from './talk-handlers.ts';

type Message<Type extends Discv5Message['type']> = Extract<Discv5Message, { readonly type: Type }>;

export type Discv5Question = Message<'ping' | 'findNode' | 'talkRequest'>;

export class Discv5Answers {
  readonly #options: Discv5Options;
  readonly #reply: (session: Session, message: Discv5Message) => void;
  readonly #talks: TalkHandlers;

  /** @param reply Sends a message with the keys of the session, to where its packets come from. */
  constructor(options: Discv5Options, reply: (session: Session, message: Discv5Message) => void) {
    this.#options = options;
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

  answer(session: Session, message: Discv5Question): void {
    switch (message.type) {
      case 'ping':
        return this.#answerPing(session, message);
      case 'findNode':
        return this.#answerFindNode(session, message);
      case 'talkRequest':
        return this.#answerTalk(session, message);
    }
  }

  /** No TALKREQ is answered any more. */
  close(): void {
    this.#talks.close();
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
