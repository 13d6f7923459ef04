import {existsSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {METHODS} from '../../runtime/protocol.ts'
import {deadline} from '../support/deadline.ts'
import {executeParams, type SpecChange, withLauncher} from '../support/fixture-process.ts'

const test = suite('isolation level 0')

interface Attempts {
  [what: string]: string
}

async function attempt(permissions: SpecChange['permissions'] = {}): Promise<Attempts> {
  const server = createServer((_, response) => response.end('hello'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    return await withLauncher({}, async ({launch}) => {
      const plugin = await launch('breaks-out', {permissions})
      const {port} = server.address() as AddressInfo
      return ((await plugin.call(METHODS.execute, executeParams('run', {port}))) as {output: Attempts}).output
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('a plugin without permissions reads its bundle, writes its data folder, and nothing else', () =>
  deadline(20_000, async () => {
    const {writeData = '', ...rest} = await attempt()
    assert.match(writeData, /^allowed/)
    for (const [what, outcome] of Object.entries(rest)) assert.is(outcome, 'refused: ERR_ACCESS_DENIED', what)
    assert.not(existsSync('/tmp/plugin-host-break-out'))
  }))

test('a permission opens what it names and nothing else', () =>
  deadline(30_000, async () => {
    const net = await attempt({net: ['127.0.0.1']})
    assert.is(net.net, 'allowed: 200')
    assert.is(net.exec, 'refused: ERR_ACCESS_DENIED')
    const exec = await attempt({exec: true})
    assert.is(exec.exec, 'allowed: hi\n')
    assert.is(exec.net, 'refused: ERR_ACCESS_DENIED')
    const workers = await attempt({workers: true})
    assert.match(workers.worker ?? '', /^allowed/)
  }))

test('a plugin sees an allow-list of the environment', () =>
  deadline(20_000, async () => {
    process.env.PLUGIN_HOST_TEST_SECRET = 'must not leak'
    process.env.NODE_OPTIONS_OF_TEST = '--inspect'
    try {
      await withLauncher({}, async ({launch}) => {
        const plugin = await launch('tells')
        const {output} = (await plugin.call(METHODS.execute, executeParams('environment'))) as {
          output: {[name: string]: string}
        }
        const expected = new Set([
          'NODE_ENV',
          'FP_HOST',
          'FP_PROCESS',
          'FP_WIRE_FD',
          'PATH',
          'TZ',
          'LANG',
          'LC_ALL',
          'PWD',
          'OLDPWD',
          'SHLVL',
          '_',
        ])
        assert.equal(
          Object.keys(output).filter(name => !expected.has(name)),
          [],
        )
        assert.is(output.FP_WIRE_FD, '3')
      })
    } finally {
      delete process.env.PLUGIN_HOST_TEST_SECRET
      delete process.env.NODE_OPTIONS_OF_TEST
    }
  }))

test('code from strings is refused where the manifest asks for it', () =>
  deadline(
    20_000,
    withLauncher({}, async ({launch}) => {
      const plugin = await launch('tells', {limits: {forbidEval: true, memoryMb: 99}})
      const {output} = (await plugin.call(METHODS.execute, executeParams('argv'))) as {output: string[]}
      assert.ok(output.includes('--disallow-code-generation-from-strings'))
      assert.ok(output.includes('--max-old-space-size=99'))
    }),
  ))

test.run()
