import { expect, test } from 'vitest';

import { decodeDisconnect } from '../../../src/io/wire/disconnect.ts';
import {
  type DisconnectForm,
  disconnectPayload,
} from '../../../src/testing/raw-peer/disconnect-forms.ts';
import { toHex } from '../../support/crypto.ts';

/** The payloads for 4 and for 0, and the code that our decoder reads. */
const forms: Record<DisconnectForm, readonly [four: string, zero: string, read: number | null]> = {
  list: ['c104', 'c180', 4],
  integer: ['04', '80', 4],
  byte: ['04', '00', 4],
  emptyList: ['c0', 'c0', null],
  nothing: ['', '', null],
};

test.for(Object.entries(forms) as [DisconnectForm, (typeof forms)['list']][])(
  'the form %s',
  ([form, [four, zero, read]]) => {
    expect(toHex(disconnectPayload('tooManyPeers', form))).toBe(four);
    expect(toHex(disconnectPayload(4, form))).toBe(four);
    expect(toHex(disconnectPayload('requested', form))).toBe(zero);
    expect(decodeDisconnect(disconnectPayload(4, form)).code).toBe(read);
  },
);
