/** How many files and sockets the system lets this process have open. It only looks. */

/** Infinity when there is no limit, or none that anybody knows. */
export type OpenFiles = () => number;

/** The soft limit, which counts. It is in no other place of Node than its diagnostic report, which takes some ms to write. */
export const openFilesLimit: OpenFiles = () => {
  const report = process.report.getReport() as unknown as Report;
  const soft = report.userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY; // a word when unlimited; absent on Windows
};

type Report = { readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } } };
