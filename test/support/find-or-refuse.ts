import {type ErrorCode, HostError} from '../../host/errors.ts'

/** What the host in memory has of that id, else its refusal. */
export function findOrRefuse<T>(map: Map<string, T>, id: string, code: ErrorCode & `${string}_NOT_FOUND`): T {
  const found = map.get(id)
  if (found === undefined) throw new HostError(code, {id})
  return found
}
