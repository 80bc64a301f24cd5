/** What `npm run source-mutants` knows of single files and removals. */

/** Further tests of a file, where its own cannot see what it leaves behind. */
export const ALSO = {
  'src/inspect/recorder/recorder.ts': ['test/inspect/recorder/viewer.test.ts'],
  'src/inspect/recorder/views.ts': ['test/inspect/recorder/diagnosis.test.ts'],
  'src/machines/dialing/dial-check.ts': ['test/machines/dialing/dial-scheduler-held-back.test.ts'],
  'src/machines/server/server-setup.ts': ['test/machines/server/server-running.test.ts'],
  'src/server.ts': ['test/server/attachments.test.ts'],
  'src/server/run-loop-client.ts': [
    'test/scenarios/dial-policies.test.ts',
    'test/scenarios/trust.test.ts',
  ],
  'src/server/config.ts': ['test/scenarios/dial-options.test.ts'],
  'src/server/dial-tasks.ts': ['test/server/connections.test.ts'],
  'src/testing/world/network-path.ts': ['test/testing/world/memory-connection.test.ts'],
};

/** Removals that no test has to notice, and why: by their names as they are printed. */
export const SURVIVORS = {
  "src/io/adapters/host-lookup.ts: signal.removeEventListener('abort', end)":
    'The signal belongs to one lookup of a few names and ends with it; the listener cancels what is over, which does nothing.',
  'src/io/crypto/rlpx-session.ts: untaken.delete(session)':
    'Each direction is refused a second time already and the keys are wiped in the next lines; the map is weak.',
  'src/inspect/recorder/views.ts: this.#schedulerSubscription?.unsubscribe() #2':
    'The scheduler that is replaced has ended, and XState forgets the observers of an actor that has ended.',
  'src/inspect/recording/recording-reader.ts: chunks.destroy()':
    'A second line: leaving the loop over the stream, by an error or by its reader, destroys it already.',
};
