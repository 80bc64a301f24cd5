/** What a crawl writes of each visit, as plain JSON, and where records go. */

/**
 * `accepted`: both sides shook hands; with the eth observer, the Status of both fits too. `rejected` by us, `refused` by them,
 * `failed`: the dial, the link or its bytes.
 */
export type VisitOutcome = 'accepted' | 'rejected' | 'refused' | 'failed';

/** Where a visit ended. */
export type VisitStage = 'dial' | 'setup' | 'peer' | 'eth';

export type AddressFamily = 'ipv4' | 'ipv6' | 'name' | 'none';

export type VisitRecord = {
  /** Node id, 64 hex digits. */
  readonly id: string;
  readonly enode: string;
  /** Its node record, `enr:…`; absent when only its enode is known. */
  readonly record?: string;
  /** When it was found, in ms since 1970. */
  readonly firstSeen: number;
  /** When the visit ended, in ms since 1970. */
  readonly at: number;
  readonly addressFamily: AddressFamily;
  readonly outcome: VisitOutcome;
  readonly stage: VisitStage;
  /** The end state of the chart of that stage, such as `refused.tooManyPeers`; `accepted` for that outcome. */
  readonly reason: string;
  /** Of the Disconnect that was sent or received. */
  readonly wireCode?: number;
  /** Their client name, printable, and what it offers, such as `eth/69`. Untrusted text. */
  readonly client?: string;
  readonly capabilities?: readonly string[];
  /** From their eth Status. `genesis` has 64 hex digits. */
  readonly ethVersion?: number;
  readonly networkId?: number;
  readonly genesis?: string;
  /** From their eth Status, or from their node record when there was none. `hash` has 8 hex digits, `next` is decimal. */
  readonly forkId?: { readonly hash: string; readonly next: string };
  /** Duration of each stage that was passed, in ms. */
  readonly latencyMs: {
    /** Until TCP was connected. */
    readonly connect?: number;
    /** From there until Hello was exchanged. */
    readonly hello?: number;
    /** From there until their eth Status. */
    readonly status?: number;
  };
};

export type CrawlResults = {
  /** Resolves when the record is kept: only then its task is acknowledged. Calls may overlap. */
  write(record: VisitRecord): Promise<void>;
  /** Everything that was written before is kept. */
  close(): Promise<void>;
};
