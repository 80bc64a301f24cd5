/** For options of which some are absent. */

/** Without the entries that are undefined or null. */
export const defined = <Given extends object>(
  given: Given,
): { [Key in keyof Given]?: NonNullable<Given[Key]> } =>
  Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
  ) as ReturnType<typeof defined<Given>>;
