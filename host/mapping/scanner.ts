const QUOTES = ['"', "'"]
const ESCAPES: {[char: string]: string} = {n: '\n', r: '\r', t: '\t', '"': '"', "'": "'", '\\': '\\'}

/** Reads a text from the start to the end; no character is looked at more than a fixed number of times. */
export class Scanner {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  get done(): boolean {
    return this.at >= this.#text.length
  }

  /** The character here, or behind it; empty at the end. */
  peek(offset = 0): string {
    return this.#text.charAt(this.at + offset)
  }

  /** Passes over the text when it stands here. */
  take(text: string): boolean {
    if (!this.#text.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** Up to the text, which is left standing, or to the end. */
  takeUntil(text: string): string {
    const found = this.#text.indexOf(text, this.at)
    const end = found < 0 ? this.#text.length : found
    const taken = this.#text.slice(this.at, end)
    this.at = end
    return taken
  }

  takeWhile(holds: (char: string) => boolean): string {
    const start = this.at
    while (!this.done && holds(this.peek())) this.at++
    return this.#text.slice(start, this.at)
  }

  skipSpaces(): void {
    this.takeWhile(char => char === ' ' || char === '\t')
  }

  /** A text in quotes; undefined when there is none here, null when it has no end. */
  takeQuoted(): string | null | undefined {
    const quote = this.peek()
    if (!QUOTES.includes(quote)) return undefined
    this.at++
    const pieces: string[] = []
    while (!this.done) {
      pieces.push(this.takeWhile(char => char !== quote && char !== '\\'))
      if (this.take(quote)) return pieces.join('')
      if (this.done) break
      const known = ESCAPES[this.peek(1)]
      pieces.push(known ?? '\\')
      this.at += known === undefined ? 1 : 2
    }
    return null
  }
}
