import {StringDecoder} from 'node:string_decoder'
import {WIRE_LIMITS} from '../../runtime/protocol.ts'

/** Splits a stream into lines of any length: what is over the limit is dropped as it comes, with a mark that tells how much. */
export function createLineSplitter(
  onLine: (line: string) => void,
  limitBytes: number = WIRE_LIMITS.logLineBytes,
): {push(chunk: Buffer): void; end(): void} {
  let parts: Buffer[] = []
  let kept = 0
  let dropped = 0

  function keep(bytes: Buffer): void {
    const room = limitBytes - kept
    if (bytes.length > room) dropped += bytes.length - room
    if (room <= 0 || bytes.length === 0) return
    const part = bytes.subarray(0, room)
    parts.push(part)
    kept += part.length
  }

  function emit(): void {
    // A decoder leaves a character out that the cut went through, instead of a replacement mark.
    const text = new StringDecoder('utf8').write(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, kept))
    onLine(text.replace(/\r$/, '') + (dropped > 0 ? ` [cut: ${dropped} bytes more]` : ''))
    parts = []
    kept = 0
    dropped = 0
  }

  return {
    push(chunk) {
      let start = 0
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        keep(chunk.subarray(start, end))
        emit()
        start = end + 1
      }
      keep(chunk.subarray(start))
    },
    end() {
      if (kept > 0) emit()
    },
  }
}
