/** The key of the local node: prepares its curve, and signs our records. */
import { fromCallback } from 'xstate';

import { type RecordClaims, recordEntries } from '../crypto/local-record.ts';
import type { NodeKey } from '../crypto/node-key.ts';
import { hasEntries, type NodeRecord, signRecord } from '../crypto/node-record.ts';
import type { Primitives } from '../crypto/primitives.ts';
import { thrownText } from '../process/thrown.ts';
import type { RecordEntries } from '../wire/enr.ts';

/** Answered at once, by one of the events of a record. */
export type SignerCommand = {
  readonly type: 'sign';
  readonly seq: number;
  readonly claims: RecordClaims;
};

export type SignerEvent =
  | { readonly type: 'key.ready' }
  | { readonly type: 'key.failed'; readonly message: string }
  | { readonly type: 'record.signed'; readonly record: NodeRecord }
  /** The last record says the same: it stays valid, and need not be fetched again. */
  | { readonly type: 'record.kept'; readonly record: NodeRecord }
  | { readonly type: 'record.failed'; readonly message: string };

export type RecordSignerParts = {
  readonly key: NodeKey;
  /** Entries of protocols. */
  readonly attributes: RecordEntries;
  readonly primitives: Primitives;
  /** Our record that was signed last, also in an earlier run; null when none is known. */
  readonly lastRecord: () => NodeRecord | null;
};

export const recordSigner = ({ key, attributes, primitives, lastRecord }: RecordSignerParts) =>
  fromCallback<SignerCommand>(({ sendBack, receive }) => {
    const report = (event: SignerEvent): void => sendBack(event);
    key.ecdh(key.publicKey).then(
      () => report({ type: 'key.ready' }), // the tables of the curve are filled now
      (error: unknown) => report({ type: 'key.failed', message: String(error) }),
    );
    receive(({ seq, claims }) => {
      try {
        const entries = recordEntries(claims, attributes);
        const last = lastRecord();
        if (last && hasEntries(last, entries)) report({ type: 'record.kept', record: last });
        else
          report({ type: 'record.signed', record: signRecord({ seq, entries }, key, primitives) });
      } catch (error) {
        report({ type: 'record.failed', message: thrownText(error) }); // a key of the user may throw
      }
    });
  });
