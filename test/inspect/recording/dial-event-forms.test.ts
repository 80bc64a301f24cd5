import { expect, test } from 'vitest';

import { dialInput as form, generator } from '../../../src/inspect/recording/dial-event-forms.ts';
import { NO_MASK } from '../../../src/inspect/recording/mask.ts';
import { dialGenerator } from '../../../src/machines/dialing/dial-generator.ts';
import { dialInput, target } from '../../support/dial-input.ts';

test('host rules are read as the recorded results, and reject every other host', () => {
  const input = dialInput({
    statics: [target('a')],
    rules: { isInNetRestrict: (host) => host === '192.0.2.1', isCandidateHost: () => false },
  });
  const written = form(generator).write(input, {
    mask: NO_MASK,
    hosts: input.rules,
    markIncomplete: () => {},
  });
  const back = form(generator).read(JSON.parse(JSON.stringify(written)), {
    hostAnswers: new Map(),
  });
  expect(back.statics).toEqual(input.statics);
  expect(back.generator).toBe(dialGenerator);
  const { isInNetRestrict, isCandidateHost } = back.rules;
  const asked = ['192.0.2.1', '192.0.2.2'];
  expect(asked.map(isInNetRestrict)).toEqual([true, false]);
  expect(asked.map(isCandidateHost)).toEqual([false, false]);
});
