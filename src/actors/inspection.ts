/**
 * Who looks on at the actors of one server. Usually nobody does: XState is then not asked to report anything, which
 * would cost time at every event. A watcher may come at any moment, and is told who is there already.
 */
import type { AnyActor, AnyActorRef, InspectionEvent, Snapshot } from 'xstate';

export type Inspect = (event: InspectionEvent) => void;

export type Watcher = {
  readonly onEvent: Inspect;
  /** An actor that lived before the watcher came; parents before their children. */
  readonly onFound: (actor: AnyActorRef, parent: AnyActorRef | null) => void;
  /** A root is over, or about to report that it is. XState reports nothing of one that broke. */
  readonly onRootEnded: (root: AnyActorRef) => void;
};

export class Inspection {
  readonly #onFault: (error: unknown) => void;
  readonly #watchers = new Set<Watcher>();
  /** Those that live, and whether they report already. */
  readonly #roots = new Map<AnyActor, boolean>();

  /** @param onFault Hears why a watcher is heard no more: one that throws would wedge the actor it looks at. */
  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Makes a root actor with whatever XState needs for its reports; `leave` must follow. */
  createRoot<Root extends AnyActor>(make: (inspect: Inspect | undefined) => Root): Root {
    const isWatched = this.#watchers.size > 0;
    const root = make(isWatched ? this.#onEvent : undefined);
    this.#roots.set(root, isWatched);
    return root;
  }

  /** It is over. */
  rootEnded(root: AnyActor): void {
    this.#roots.delete(root);
    for (const watcher of this.#watchers) this.#notify(watcher, () => watcher.onRootEnded(root));
  }

  /** @returns a function that ends it. */
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

  #notify(watcher: Watcher, tell: () => void): void {
    try {
      tell();
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

/** Only charts have children. */
type WithChildren = { readonly children?: Readonly<Record<string, AnyActorRef | undefined>> };
