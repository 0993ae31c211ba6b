/** The names of the files that a run adds to a result; apart from the report's schema, which whoever only needs a name need not read. */

/** The report as data; the file that makes a folder a result. */
export const reportFileName = 'secateur-report.json';

/** The same for people. */
export const reportTwinName = 'secateur-report.md';
