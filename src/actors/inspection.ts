/**
 * Passes XState inspection events to watchers; costs nothing while there are none, because XState is then not asked to
 * report. A watcher may be added at any time and first gets the actors that already exist.
 */
import type { AnyActor, AnyActorRef, InspectionEvent, Snapshot } from 'xstate';

export type Inspect = (event: InspectionEvent) => unknown;

/** What the `inspect` option of XState accepts: a function, or an observer such as the inspector of Stately gives. */
export type InspectOption = Inspect | { readonly next?: Inspect };

/** The function of either form; undefined for an observer that wants no events. */
export function inspectOf(option: InspectOption | undefined): Inspect | undefined {
  if (typeof option === 'function' || option === undefined) return option;
  return option.next && ((event) => option.next?.(event)); // called on it: it may use `this`
}

export type Watcher = {
  /** Every inspection event of XState, in its order. */
  readonly onEvent: Inspect;
  /** An actor that existed before the watcher was added; parents come before their children. */
  readonly onFound: (actor: AnyActorRef, parent: AnyActorRef | null) => void;
  /** A root actor has ended, or is about to report that it has. XState itself does not report one that failed. */
  readonly onRootEnded: (root: AnyActorRef) => void;
};

export class Inspection {
  readonly #onFault: (error: unknown) => void;
  readonly #watchers = new Set<Watcher>();
  /** Every running root, and whether it already reports. */
  readonly #roots = new Map<AnyActor, boolean>();

  /** @param onFault Gets the error of a watcher that throws, which is then removed: it would block the actor it observes. */
  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Creates a root actor, with inspection if there is a watcher. Call `rootEnded` when it has ended. */
  createRoot<Root extends AnyActor>(make: (inspect: Inspect | undefined) => Root): Root {
    const isWatched = this.#watchers.size > 0;
    const root = make(isWatched ? this.#onEvent : undefined);
    this.#roots.set(root, isWatched);
    return root;
  }

  /** Shows a root that was created elsewhere and already runs. @returns A function that ends this. */
  adopt(root: AnyActor): () => void {
    const subscription = root.system.inspect(this.#onEvent);
    this.#roots.set(root, true);
    for (const watcher of this.#watchers)
      this.#notify(watcher, () => reportFound(watcher, root, null));
    return () => {
      subscription.unsubscribe();
      this.rootEnded(root);
    };
  }

  /** Passes the end of a root to the watchers and forgets it. */
  rootEnded(root: AnyActor): void {
    this.#roots.delete(root);
    for (const watcher of this.#watchers) this.#notify(watcher, () => watcher.onRootEnded(root));
  }

  /** Adds a watcher. @returns A function that removes it. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    for (const [root, reports] of this.#roots) {
      if (!reports) root.system.inspect(this.#onEvent);
      this.#roots.set(root, true);
      this.#notify(watcher, () => reportFound(watcher, root, null));
    }
    return () => this.#watchers.delete(watcher);
  }

  readonly #onEvent: Inspect = (event) => {
    for (const watcher of this.#watchers) this.#notify(watcher, () => watcher.onEvent(event));
  };

  #notify(watcher: Watcher, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#watchers.delete(watcher);
      this.#onFault(error);
    }
  }
}

function reportFound(watcher: Watcher, actor: AnyActorRef, parent: AnyActorRef | null): void {
  watcher.onFound(actor, parent);
  const { children = {} } = actor.getSnapshot() as Snapshot<unknown> & WithChildren;
  for (const child of Object.values(children)) if (child) reportFound(watcher, child, actor);
}

/** Snapshots of machines have children; those of other logic do not. */
type WithChildren = { readonly children?: Readonly<Record<string, AnyActorRef | undefined>> };
