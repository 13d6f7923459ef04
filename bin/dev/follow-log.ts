import type {LogLine} from '../../host/index.ts'
import type {Client} from '../client.ts'
import {describeLogLine} from '../describe-log-line.ts'
import type {Printer} from '../print.ts'
import {readEvents} from '../read-events.ts'

/** Prints a plugin's log from now on, until the signal or until the server ends it. Never rejects. */
export async function followLog(client: Client, id: string, print: Printer, signal: AbortSignal): Promise<void> {
  try {
    const body = await client.open('readLogs', {params: {id}, query: {follow: true, lines: 0}, signal})
    for await (const event of readEvents(body)) {
      const line = JSON.parse(event) as LogLine
      print.document({log: line}, {compact: true})
      print.line(describeLogLine(line))
    }
  } catch (error) {
    if (!signal.aborted) print.note(`The log is not followed any longer: ${(error as Error).message}`)
  }
}
