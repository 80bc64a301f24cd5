/** A thrown value as text, even one whose conversion to text throws. */
export function thrownText(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return `a thrown ${typeof thrown}`;
  }
}
