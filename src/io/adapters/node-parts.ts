/**
 * What a node consists of (its data directory, its services, its server and its APIs) as one actor: it does one step for
 * each command of the chart, and reports how the step ended.
 */
import { type EventObject, fromCallback } from 'xstate';

/** What went wrong in a step. The error itself stays with the steps. */
export type NodeFault = {
  readonly kind: NodeFaultKind;
  /** A sentence. */
  readonly message: string;
};

export type NodeFaultKind =
  /** Another process uses the data directory. */
  | 'inUse'
  /** The data directory cannot be created, locked or read. */
  | 'directoryFailed'
  /** The node key cannot be read or written. */
  | 'keyFailed'
  /** A service was not made, or its start or stop failed. */
  | 'serviceFailed'
  /** Two services have one key. */
  | 'duplicateService'
  /** The server was not made, or did not start. */
  | 'startFailed'
  /** An API did not open, or did not close. */
  | 'apiFailed'
  /** The server ended, and the node did not stop it. */
  | 'serverEnded'
  /** The server did not stop. */
  | 'stopFailed'
  /** An error of ours. */
  | 'internal';

/** Each takes the place of the one before, which is not answered then. Indexes count from 0. */
export type NodeCommand =
  /** The directory is made and locked; the key and the lists of nodes are read. */
  | { readonly type: 'directory.open' }
  | { readonly type: 'service.create'; readonly index: number }
  /** With the protocols of all services. */
  | { readonly type: 'server.create' }
  | { readonly type: 'server.start' }
  | { readonly type: 'service.start'; readonly index: number }
  | { readonly type: 'api.open'; readonly index: number }
  | { readonly type: 'api.close'; readonly index: number }
  | { readonly type: 'service.stop'; readonly index: number }
  | { readonly type: 'server.stop' }
  | { readonly type: 'directory.release' };

/** The step that is being done should end soon, in either way; it is still answered. */
export type NodeInterrupt = { readonly type: 'interrupt' };

/** One for each command. What a step that failed had begun is undone by the step itself. */
export type NodeReport =
  | { readonly type: 'directory.opened' }
  | { readonly type: 'directory.failed'; readonly fault: NodeFault }
  | { readonly type: 'service.created' }
  | { readonly type: 'service.started' }
  | { readonly type: 'service.failed'; readonly fault: NodeFault }
  | { readonly type: 'server.created' }
  | { readonly type: 'server.started' }
  | { readonly type: 'server.failed'; readonly fault: NodeFault }
  | { readonly type: 'api.opened' }
  | { readonly type: 'api.failed'; readonly fault: NodeFault }
  /** Whatever could not be undone is named in the fault; null: nothing. */
  | {
      readonly type: 'api.closed' | 'service.stopped' | 'server.stopped' | 'directory.released';
      readonly fault: NodeFault | null;
    };

/** Not asked for: the server ended while the node wanted it to run. */
export type ServerEnded = { readonly type: 'server.ended'; readonly fault: NodeFault };

export type NodeSteps = {
  /**
   * Never rejects.
   * @param signal Aborted when the step has lost its time: what it completes afterwards it undoes at once.
   */
  carryOut(command: NodeCommand, signal: AbortSignal): Promise<NodeReport>;
  interrupt(): void;
};

/** @param open Makes what does the steps of one run, from a start to the end of the stop. */
export const nodeParts = (open: (onServerEnded: (ended: ServerEnded) => void) => NodeSteps) =>
  fromCallback<NodeCommand | NodeInterrupt>(({ sendBack, receive }) => {
    const report = (event: EventObject): void => sendBack(event);
    const steps = open(report);
    let current = new AbortController();
    receive((command) => {
      if (command.type === 'interrupt') return steps.interrupt();
      current.abort();
      current = new AbortController();
      const { signal } = current;
      void steps.carryOut(command, signal).then((event) => {
        if (!signal.aborted) report(event);
      });
    });
    return () => current.abort();
  });
