import {ok, unreachable} from 'uvu/assert'
import {HostError} from '../../host/errors.ts'

/** The HostError that the work is refused with. */
export async function refusal(work: Promise<unknown>): Promise<HostError> {
  const error = await work.then(
    () => unreachable('it was accepted'),
    (reason: unknown) => reason,
  )
  ok(error instanceof HostError, String(error))
  return error
}
