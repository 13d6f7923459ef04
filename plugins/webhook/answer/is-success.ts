/** Whether a status is in a list of statuses ("200") and ranges ("200-299"). */
export function isSuccess(status: number, success: readonly string[]): boolean {
  return success.some(entry => {
    const [from = 0, to = from] = entry.split('-').map(Number)
    return status >= from && status <= to
  })
}
