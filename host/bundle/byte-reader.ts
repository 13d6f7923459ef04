/** Reads exact amounts from a stream of chunks. */
export interface ByteReader {
  /** The next `length` bytes; undefined at the end, shorter when the end comes first. */
  take(length: number): Promise<Buffer | undefined>
  /** The next `length` bytes as they come, without copying; ends early at the end. */
  stream(length: number): AsyncGenerator<Buffer>
}

export function createByteReader(source: AsyncIterable<Buffer>): ByteReader {
  const iterator = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)

  async function fill(): Promise<boolean> {
    while (rest.length === 0) {
      const next = await iterator.next()
      if (next.done) return false
      rest = next.value
    }
    return true
  }

  function cut(length: number): Buffer {
    const part = rest.subarray(0, length)
    rest = rest.subarray(part.length)
    return part
  }

  async function* stream(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0 && (await fill()); ) {
      const part = cut(left)
      left -= part.length
      yield part
    }
  }

  return {
    stream,
    async take(length) {
      if (!(await fill())) return undefined
      if (rest.length >= length) return cut(length)
      const parts: Buffer[] = []
      for await (const part of stream(length)) parts.push(part)
      return Buffer.concat(parts)
    },
  }
}
