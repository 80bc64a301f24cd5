/**
 * Each line of a recording has a checksum of its text and of the checksum before it, so that a changed, moved or missing line
 * is found where it is. It detects accidents and edits; it is no signature, and a forged recording can have valid ones.
 */

/** The checksum before the first line. */
export const FIRST_CHECK = '00000000';

/** FNV-1a: 32 bits. Source: RFC 9923. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** The end of a line. */
const TAIL = /,"check":"([0-9a-f]{8})"\}$/;

/** @param json An object, as `JSON.stringify` writes it. @returns the line and its checksum. */
export function withCheck(json: string, before: string): { readonly line: string; check: string } {
  const check = checkOf(json, before);
  return { line: `${json.slice(0, -1)},"check":"${check}"}`, check };
}

/** Whether the line is unchanged and follows the line with the checksum `before`. `check` is null when it has none. */
export function verifyLine(
  line: string,
  before: string,
): { readonly isIntact: boolean; readonly check: string | null } {
  const check = TAIL.exec(line)?.[1];
  if (check === undefined) return { isIntact: false, check: null };
  return { isIntact: checkOf(line.replace(TAIL, '}'), before) === check, check };
}

function checkOf(json: string, before: string): string {
  let hash = OFFSET;
  for (const text of [before, json])
    for (let index = 0; index < text.length; index += 1)
      hash = Math.imul(hash ^ text.charCodeAt(index), PRIME);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
