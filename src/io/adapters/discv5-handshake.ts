/**
 * One handshake, and the keys that come of it, as an actor: does the steps that its chart orders, and reports what came of
 * them. Datagrams go to `Discv5`, never through here.
 */
import { fromCallback } from 'xstate';

import type {
  SessionReport,
  SessionStep,
  SessionSteps,
  SessionTarget,
} from '../discovery/discv5-sessions.ts';

export type HandshakeCommand = { readonly type: SessionStep };

export type HandshakeEvent = SessionReport;

/** What does the steps of one session; `Discv5` has it. Null when the session is gone. */
export type OpenSession = (
  target: SessionTarget,
  report: (event: SessionReport) => void,
) => SessionSteps | null;

export const discv5Handshake = (open: OpenSession) =>
  fromCallback<HandshakeCommand, SessionTarget>(({ input, sendBack, receive }) => {
    const report = (event: HandshakeEvent): void => sendBack(event);
    const session = open(input, report);
    if (!session) return report({ type: 'session.gone' });
    receive(({ type }) => session.perform(type));
    return () => session.end();
  });
