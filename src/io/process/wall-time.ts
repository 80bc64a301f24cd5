/**
 * The time of day: for people who compare what they see with their own log, for the expirations of discovery packets, and
 * for ages in the node store. Nothing else is decided by it.
 */

/** Milliseconds since 1970, as the clock of this machine says. It may jump. */
export const unixTimeMs = (): number => Date.now();

/** In ISO 8601. @param unixMs Milliseconds since 1970. */
export const isoTime = (unixMs: number): string => new Date(unixMs).toISOString();

/** Now, in ISO 8601. */
export const wallTime = (): string => isoTime(Date.now());

/** Hours, minutes and seconds of an ISO time where this process runs, such as `16:05:09`. */
export const timeOfDay = (iso: string): string => new Date(iso).toTimeString().slice(0, 8);
