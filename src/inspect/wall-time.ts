/** The time of day, for people who compare what they see with their own log. Nothing is decided by it. */

/** Now, in ISO 8601. */
export const wallTime = (): string => new Date().toISOString();
