/** Reads how many files and sockets the system allows this process to have open. Changes nothing. */

/** The limit; Infinity when there is none or it is unknown. */
export type OpenFiles = () => number;

/** The soft limit, which is the one enforced. Node offers it only in its diagnostic report, which takes some ms to make. */
export const openFilesLimit: OpenFiles = () => {
  const soft = reportWithoutNetwork().userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY; // a text when unlimited; absent on Windows
};

/** With the network in it, the report would look up the host name of every remote, one after the other: seconds. */
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

/** `excludeNetwork` exists since Node 20.13 and is not in the types yet. */
type DiagnosticReport = { excludeNetwork?: boolean; getReport(): unknown };

type Report = { readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } } };
