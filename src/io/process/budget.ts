/**
 * Limits the bytes that all links of a server hold together in one direction. It only counts: links do the stopping.
 * A link may hold as much as is free, so the largest holders stop first and small ones keep room: the dynamic
 * threshold of shared-memory switches. Source: Choudhury and Hahne, 1998.
 */

/** Bytes a link may always hold, whatever the others hold: as much as one read from a socket returns. */
export const GUARANTEED_BYTES = 64 * 1024;

export class Budget {
  readonly #limitBytes: number;
  #heldBytes = 0;
  /** Shares that wait for room, in order. At most one entry for each link. */
  readonly #waiting = new Set<BudgetShare>();

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Below zero when guaranteed bytes went over the limit. */
  get freeBytes(): number {
    return this.#limitBytes - this.#heldBytes;
  }

  addWaiting(share: BudgetShare): void {
    this.#waiting.add(share);
  }

  removeWaiting(share: BudgetShare): void {
    this.#waiting.delete(share);
  }

  addHeld(bytes: number): void {
    this.#heldBytes += bytes;
    if (bytes >= 0) return;
    for (const share of [...this.#waiting]) share.retry();
  }
}

/** The part of a budget that one link holds. */
export class BudgetShare {
  readonly #budget: Budget;
  readonly #onFits: () => void;
  #heldBytes = 0;
  #wantedBytes = 0;
  #isClosed = false;

  /** @param onFits Called once after `fitsOrWaits` returned false, when the bytes fit. */
  constructor(budget: Budget, onFits: () => void = () => {}) {
    this.#budget = budget;
    this.#onFits = onFits;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Sets the bytes held. Does nothing once closed. */
  hold(bytes: number): void {
    if (this.#isClosed) return;
    const change = bytes - this.#heldBytes;
    if (change === 0) return;
    this.#heldBytes = bytes;
    this.#budget.addHeld(change);
  }

  /** Whether holding `bytes` in all would leave at least as many free. */
  fits(bytes: number): boolean {
    const freeBytes = this.#budget.freeBytes - (bytes - this.#heldBytes);
    return bytes <= Math.max(GUARANTEED_BYTES, freeBytes);
  }

  /** As `fits`; if false, `onFits` follows once they fit. A later call replaces an earlier one. */
  fitsOrWaits(bytes: number): boolean {
    this.#wantedBytes = bytes;
    const isFitting = this.#isClosed || this.fits(bytes);
    if (isFitting) this.#budget.removeWaiting(this);
    else this.#budget.addWaiting(this);
    return isFitting;
  }

  /** Called by the budget when bytes became free. */
  retry(): void {
    if (!this.fits(this.#wantedBytes)) return;
    this.#budget.removeWaiting(this);
    this.#onFits();
  }

  /** Frees everything, for good. */
  close(): void {
    this.hold(0);
    this.#isClosed = true;
    this.#budget.removeWaiting(this);
  }
}

/** One budget for each direction, shared by all links of a server. */
export type Budgets = { readonly received: Budget; readonly unsent: Budget };
