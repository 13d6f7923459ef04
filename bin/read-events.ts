const LONGEST_EVENT = 16 * 1024 * 1024

/** The data of server-sent events, one after the other; comments and other fields are passed over. */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  let data: string[] = []
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, {stream: true})).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_EVENT) throw new Error('Cannot read the stream: an event does not end')
    for (const line of lines) {
      if (line !== '') {
        if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''))
      } else if (data.length > 0) {
        yield data.join('\n')
        data = []
      }
    }
  }
}
