import { readFileSync } from 'node:fs';

// Adds up a test report and the exit codes of the checks, prints the closing line, ends non-zero unless all is well.
// Arguments: REPORT CHECK_EXIT TESTS_EXIT.

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numPendingTests: number;
}

const [reportPath, checkExit, testsExit] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
try {
  const report = JSON.parse(readFileSync(reportPath!, 'utf8')) as Report;
  passed = report.numPassedTests;
  failed = report.numFailedTests;
  skipped = report.numPendingTests;
} catch {
  console.error('the test run left no report');
  failed = 1;
}
if (checkExit === '0') passed++;
else failed++;
if (testsExit !== '0' && failed === 0) failed = 1;
if (passed <= 1) failed ||= 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
