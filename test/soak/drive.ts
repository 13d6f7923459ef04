import type {Execution} from '../../host/types.ts'
import type {SoakResult} from './check-soak.ts'

export interface Address {
  url: string
  token: string
}

type Send = {n: number; action: 'put' | 'send'; key: string | undefined}

/** Asks for executions and remembers which were accepted. */
export class Driver {
  readonly accepted: SoakResult['accepted'] = []
  /** Other answers than 202, by their status. */
  readonly refused: {[status: number]: number} = {}
  readonly #random: () => number
  readonly #rate: number
  /** Asked for with a key, and the answer was lost: they are asked for again. */
  #open: Send[] = []
  #count = 0

  constructor({random, rate}: {random: () => number; rate: number}) {
    this.#random = random
    this.#rate = rate
  }

  /** Until the signal aborts; then resolves when every answer has come or is lost. */
  async run(address: Address, signal: AbortSignal): Promise<void> {
    const again = this.#open
    this.#open = []
    const sending = again.map(send => this.#send(address, send))
    const started = performance.now()
    for (let sent = 0; !signal.aborted; ) {
      const due = Math.floor(((performance.now() - started) / 1000) * this.#rate)
      for (; sent < due; sent++) sending.push(this.#send(address, this.#next()))
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    await Promise.all(sending)
  }

  /** The answers that are still lost. */
  async settle(address: Address): Promise<void> {
    const again = this.#open
    this.#open = []
    await Promise.all(again.map(send => this.#send(address, send)))
  }

  #next(): Send {
    const n = ++this.#count
    const isKeyed = this.#random() < 0.3
    return {n, action: this.#random() < 0.5 ? 'put' : 'send', key: isKeyed ? `key-${n}` : undefined}
  }

  async #send({url, token}: Address, send: Send): Promise<void> {
    const {n, action, key} = send
    try {
      const response = await fetch(`${url}/v1/registrations/ledger/actions/${action}/execute`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          prefer: 'respond-async',
          ...(key !== undefined && {'idempotency-key': key}),
        },
        body: JSON.stringify({input: {n}}),
      })
      const answer = (await response.json()) as Execution
      if (response.status === 202) this.accepted.push({execution: answer.execution, action, n})
      else this.refused[response.status] = (this.refused[response.status] ?? 0) + 1
    } catch {
      if (key !== undefined) this.#open.push(send)
    }
  }
}
