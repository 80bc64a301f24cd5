/** Whatever was thrown, as text: not everything that can be thrown can be made into text. */
export function thrownText(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return `a thrown ${typeof thrown}`;
  }
}
