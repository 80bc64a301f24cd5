/** How many files and sockets the system lets this process have open. It only looks. */

/** Infinity when there is no limit, or none that anybody knows. */
export type OpenFiles = () => number;

/** The soft limit, which counts. It is in no other place of Node than its diagnostic report, which takes some ms to write. */
export const openFilesLimit: OpenFiles = () => {
  const soft = reportWithoutNetwork().userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY; // a word when unlimited; absent on Windows
};

/** With the network in it, the report would look up the name of each far end, one after the other: seconds. */
function reportWithoutNetwork(): Report {
  const report: DiagnosticReport = process.report;
  const before = report.excludeNetwork ?? false;
  report.excludeNetwork = true;
  try {
    return report.getReport() as Report;
  } finally {
    report.excludeNetwork = before;
  }
}

/** `excludeNetwork` is since Node 20.13, and not in the types yet. */
type DiagnosticReport = { excludeNetwork?: boolean; getReport(): unknown };

type Report = { readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } } };
