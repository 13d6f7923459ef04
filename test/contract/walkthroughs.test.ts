/** The walkthroughs, run from their own code blocks in one shell each, as their reader would. */
import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../support/deadline.ts'
import {readPage} from '../support/markdown.ts'
import {needs} from '../support/needs.ts'

const test = suite('walkthroughs')
const ROOT = join(import.meta.dirname, '../..')
const LIMIT_MS = 120_000

/** `npx plugin-host` without the look-up that npm makes each time; it is the same program. */
const PRELUDE = `set -euo pipefail
npx() { shift; node bin/launcher.cjs "$@"; }
`

function listBlocks(page: string): string[] {
  return [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
}

/** Also what a failed block has left running in the background. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Each block is announced, so that a failure names it. */
async function runBlocks(blocks: readonly string[]): Promise<{code: number | null; output: string}> {
  const script = blocks.map((block, index) => `echo "@@ block ${index + 1}"\n${block}`).join('\n')
  const child = spawn('bash', ['-c', PRELUDE + script], {cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: true})
  try {
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
    // What it has left in the background holds its streams open.
    const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
    const code = await deadline(LIMIT_MS, ended, 'the walkthrough').catch(error => {
      throw new Error(`${error.message}\n${output}`)
    })
    return {code, output}
  } finally {
    endGroup(child.pid)
  }
}

for (const [name, least] of [
  ['docs/walkthrough-cli.md', 9],
  ['docs/walkthrough-curl.md', 11],
] as const) {
  needs(test, {program: 'curl', package: 'curl'})(name, async () => {
    const blocks = listBlocks(readPage(name))
    assert.ok(blocks.length >= least, `${blocks.length} blocks`)
    const {code, output} = await runBlocks(blocks)
    assert.is(code, 0, output)
    // The ticket was changed by the plugin's effect and by the mapping, and the gateway got both messages.
    assert.match(output, /sms-2/, output)
    assert.match(output, /SMS reference/, output)
    assert.match(output, /Mail does not arrive/, output)
    assert.not.match(output, /gateway-secret/, 'the secret is shown')
  })
}

test('a block that fails is told by its number, and fails the run', async () => {
  const {code, output} = await runBlocks(['echo one', 'false', 'echo three'])
  assert.is(code, 1)
  assert.match(output, /@@ block 2\n/)
  assert.not.match(output, /three/)
})

test.run()
