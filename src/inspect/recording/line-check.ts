/**
 * Each line of a recording carries a number made of its text and of the number before it, so that a line that was
 * changed, moved or lost is found where that happened. It is against accidents and edits: whoever wants to forge a
 * recording can make the numbers anew.
 */

/** What the first line continues. */
export const FIRST_CHECK = '00000000';

/** FNV-1a: 32 bits. Source: RFC 9923. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** What follows the last field of a line. */
const TAIL = /,"check":"([0-9a-f]{8})"\}$/;

/** @param json An object, as `JSON.stringify` writes it. @returns the line, and what the next one continues. */
export function checked(json: string, before: string): { readonly line: string; check: string } {
  const check = checkOf(json, before);
  return { line: `${json.slice(0, -1)},"check":"${check}"}`, check };
}

/** Whether this line is as it was written, after that one. `check` is null when it has none. */
export function verify(
  line: string,
  before: string,
): { readonly isGenuine: boolean; readonly check: string | null } {
  const check = TAIL.exec(line)?.[1];
  if (check === undefined) return { isGenuine: false, check: null };
  return { isGenuine: checkOf(line.replace(TAIL, '}'), before) === check, check };
}

function checkOf(json: string, before: string): string {
  let hash = OFFSET;
  for (const text of [before, json])
    for (let index = 0; index < text.length; index += 1)
      hash = Math.imul(hash ^ text.charCodeAt(index), PRIME);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
