/** A link as an actor: its reports become events of the invoking machine; stopping only detaches. */
import { fromCallback } from 'xstate';

import type { Link, LinkReport } from '../link/link.ts';
import type { LinkCommand } from '../link/link-events.ts';

export const linkActor = fromCallback<LinkCommand, Link>(({ input: link, sendBack, receive }) => {
  const report: LinkReport = (event) => sendBack(event);
  link.attach(report);
  receive((command) => link.command(command));
  return () => link.detach(report);
});
