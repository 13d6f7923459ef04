import {describeProblem, findPlacedProblems} from './describe-problem.ts'
import {exitCodeOf, type FailureReport} from './failure.ts'
import type {Printer} from './print.ts'

/** Tells a failure: to people on stderr, with --json as the one document. Returns the exit code it stands for. */
export function printReport(report: FailureReport, print: Printer, {compact = false} = {}): number {
  const problems = findPlacedProblems(report.details).map(describeProblem)
  const more = [...problems, ...(report.remedy ? [report.remedy] : [])].join('\n').replaceAll(/^(?=.)/gm, '  ')
  print.note(`${print.style('red', report.code)} ${report.message}${more && `\n${more}`}`)
  print.document({error: report}, {compact})
  return exitCodeOf(report.code)
}
