import type {ExecuteParams, Json} from '../../../runtime/protocol.ts'

/** One way to call a function in another process. */
export interface Subject {
  /** Resolves with what came back: `{output: params.input}`. */
  call(params: ExecuteParams): Promise<unknown>
  stop(): Promise<void>
}

/** What a ticket's plugin is called with; its text is filled up to the given size of the JSON, bytes. */
export function makeInput(bytes: number): Json {
  const input = {subject: 'Printer on floor 3', priority: 2, tags: ['hardware', 'printer'], text: ''}
  return {...input, text: 'x'.repeat(Math.max(0, bytes - JSON.stringify(input).length))}
}

/** The same parameters for each subject: what is compared is the way, not the load. */
export function makeParams(bytes: number): ExecuteParams {
  return {
    execution: '0mf3k2j1a0000c0ffee00',
    registration: 'bench-echo',
    action: 'echo',
    input: makeInput(bytes),
    mode: 'live',
    deadline: Date.now() + 3_600_000,
    attempt: 1,
  }
}
