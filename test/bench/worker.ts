import {type ChildProcess, fork} from 'node:child_process'

/** A process of its own that answers questions, so that neither its heap nor its garbage slows down what is measured next. */
export interface Worker {
  ask<Answer>(question: object): Promise<Answer>
  /** Resolves when it has ended what it had started, and itself. */
  stop(): Promise<void>
}

interface Reply {
  id: number
  value?: unknown
  error?: string
}

/** `file` is a module that calls `answerParent`. */
export function startWorker(file: string, args: readonly string[] = []): Worker {
  const child = fork(file, args, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, {resolve(value: unknown): void; reject(error: Error): void}>()
  let nextId = 0
  const ended = waitForEnd(child).then(how => {
    for (const {reject} of waiting.values()) reject(new Error(`Cannot go on: "${file}" ended with ${how}`))
    waiting.clear()
  })
  child.on('message', ({id, value, error}: Reply) => {
    const entry = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) entry?.resolve(value)
    else entry?.reject(new Error(error))
  })
  return {
    ask: <Answer>(question: object) =>
      new Promise<Answer>((resolve, reject) => {
        const id = nextId++
        waiting.set(id, {resolve: value => resolve(value as Answer), reject})
        child.send({id, question}, error => error && reject(error))
      }),
    async stop() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

function waitForEnd(child: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('exit', (code, signal) => resolve(String(signal ?? code)))
  })
}

/** The worker's end: answers until the parent is gone, then stops. */
export function answerParent(answer: (question: never) => Promise<unknown>, stop: () => Promise<void>): void {
  const send = (reply: Reply): void => void process.send?.(reply)
  process.on('message', ({id, question}: {id: number; question: never}) => {
    answer(question).then(
      value => send({id, value}),
      (error: Error) => send({id, error: error.stack ?? error.message}),
    )
  })
  process.once('disconnect', () => {
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
}
