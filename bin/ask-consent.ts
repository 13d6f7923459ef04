import {describeProblem, findPlacedProblems} from './describe-problem.ts'
import {Failure} from './failure.ts'
import type {Printer} from './print.ts'

/**
 * Runs it; when the version asks for more than was agreed to, asks at the terminal, and runs it once more with consent. Without a
 * terminal the server's refusal stands, its remedy in the words of the command line.
 */
export async function withConsent<T>(
  run: (consent: boolean) => Promise<T>,
  given: boolean,
  print: Printer,
): Promise<T> {
  try {
    return await run(given)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const failure = inOurWords(error)
    if (error.code !== 'CONSENT_NEEDED' || !(await askConsent(failure, print))) throw failure
    return await run(true)
  }
}

const REMEDIES: {[code: string]: string} = {
  CONSENT_NEEDED: 'Agree to it with --consent',
  UPGRADE_BREAKS: 'Mend them first, or go on with --force',
  REHEARSAL_DIFFERS: 'Look at the differences, then go on with --force',
}

function inOurWords({code, message, remedy, details}: Failure): Failure {
  const ours = REMEDIES[code]
  const staged = remedy?.includes('staged') ? 'It is installed, and staged. ' : ''
  return new Failure(code, message, ours === undefined ? remedy : `${staged}${ours}`, details)
}

async function askConsent({message, details}: Failure, print: Printer): Promise<boolean> {
  if (print.json || !process.stdin.isTTY || !process.stderr.isTTY) return false
  print.note([message, ...findPlacedProblems(details).map(problem => `  ${describeProblem(problem)}`)].join('\n'))
  const {confirm} = await import('@clack/prompts')
  const answer = await confirm({message: 'Agree to it?', initialValue: false, output: process.stderr})
  return answer === true
}
