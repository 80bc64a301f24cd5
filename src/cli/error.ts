/** The errors of the command line that are the user's to mend. Anything else that is thrown is a mistake of ours. */

/** What was asked cannot be done; the message is the one line to show. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
