/**
 * Bytes that all links of a server may hold together, one way. It counts; stopping is left to the links.
 * A link may hold as much as is free, so those with most stop first and there is room for those who hold little:
 * the dynamic threshold of switches with one memory for all. Source: Choudhury and Hahne, 1998.
 */

/** What a link may hold whatever the others do, in bytes. As much as is read from a socket at once. */
export const GUARANTEED_BYTES = 64 * 1024;

export class Budget {
  readonly #limitBytes: number;
  #heldBytes = 0;
  /** Who stopped for want of room, in that order. At most one entry for each link. */
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

/** What one link holds of a budget. */
export class BudgetShare {
  readonly #budget: Budget;
  readonly #onFits: () => void;
  #heldBytes = 0;
  #wantedBytes = 0;
  #isClosed = false;

  /** @param onRoom What did not fit when `fitsOrWaits` was asked fits now. Called once for each time. */
  constructor(budget: Budget, onRoom: () => void = () => {}) {
    this.#budget = budget;
    this.#onFits = onRoom;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** From now on it holds so many bytes; nothing once it is closed. */
  hold(bytes: number): void {
    if (this.#isClosed) return;
    const change = bytes - this.#heldBytes;
    if (change === 0) return;
    this.#heldBytes = bytes;
    this.#budget.addHeld(change);
  }

  /** Whether it would hold no more than is free if it held `bytes` in all. */
  fits(bytes: number): boolean {
    const freeBytes = this.#budget.freeBytes - (bytes - this.#heldBytes);
    return bytes <= Math.max(GUARANTEED_BYTES, freeBytes);
  }

  /** As `fits`; if not, `onRoom` follows when it does. The latest question counts. */
  fitsOrWaits(bytes: number): boolean {
    this.#wantedBytes = bytes;
    const isFitting = this.#isClosed || this.fits(bytes);
    if (isFitting) this.#budget.removeWaiting(this);
    else this.#budget.addWaiting(this);
    return isFitting;
  }

  /** For the budget: some bytes are free again. */
  retry(): void {
    if (!this.fits(this.#wantedBytes)) return;
    this.#budget.removeWaiting(this);
    this.#onFits();
  }

  /** Gives everything back, for good. */
  close(): void {
    this.hold(0);
    this.#isClosed = true;
    this.#budget.removeWaiting(this);
  }
}

/** One for each way, shared by all links of a server. */
export type Budgets = { readonly received: Budget; readonly unsent: Budget };
