/** The error of a node that did not start, or did not stop as it should. */
import type { NodeFaultKind } from '../io/adapters/node-parts.ts';

export type NodeErrorKind =
  | NodeFaultKind
  /** It is started, starts or stops. */
  | 'alreadyRunning'
  /** It was disposed of. */
  | 'closed'
  /** `stop()` was called while it was starting. */
  | 'stopped'
  /** No service has this key, or was made by this factory; or it does not run. */
  | 'unknownService';

/** Match on `kind`, never on the message. `cause` is the first error as it was thrown, when there is one. */
export class NodeError extends Error {
  override readonly name = 'NodeError';
  readonly kind: NodeErrorKind;
  /** What went wrong in the stop, or while a failed start was undone, in order. */
  readonly errors: readonly NodeError[];

  constructor(
    kind: NodeErrorKind,
    message: string,
    { errors = [], ...options }: ErrorOptions & { readonly errors?: readonly NodeError[] } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.errors = errors;
  }
}
