import {chmod, mkdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match, not, ok} from 'uvu/assert'
import {loadConfig, type RunningServer, startServer} from '../../host/index.ts'
import {deadline} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {type Finished, runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('verbs on access')

interface Running {
  folder: string
  server: RunningServer
  run(...args: string[]): Promise<Finished>
}

/** A real server on the data folder that the command line looks into by itself. */
function withServer(work: (running: Running) => Promise<void>): () => Promise<void> {
  return () =>
    deadline(
      120_000,
      withTempFolder(async folder => {
        const config = loadConfig({dataFolder: join(folder, 'data'), logLevel: 'silent', http: {port: 0}})
        const server = await startServer(config)
        try {
          await work({folder, server, run: (...args) => runCommandLine(args, {cwd: folder})})
        } finally {
          await server.stop()
        }
      }),
    )
}

test(
  'a token is made, used, rotated and removed',
  withServer(async ({run, server}) => {
    const local = (await run('token')).stdout.trim()
    ok(server.host.authenticate(local))
    const made = await run('token', 'create', '--name', 'itsm', '--scope', 'read', '--scope', 'execute:echo', '--json')
    const {id, token, scopes} = JSON.parse(made.stdout) as {id: string; token: string; scopes: string[]}
    equal(scopes, ['read', 'execute:echo'])
    is((await run('list', '--token', token)).code, 0)
    match((await run('token', 'list', '--token', token)).stderr, /lacks the scope admin/)
    const rotated = (await run('token', 'rotate', id, '--grace', '0')).stdout.trim()
    match((await run('list', '--token', token)).stderr, /missing or not valid/)
    is((await run('list', '--token', rotated)).code, 0)
    const listed = (await run('token', 'list')).stdout
    match(listed, new RegExp(`^${id} +itsm +read execute:echo .*expired$`, 'm'))
    not.ok(listed.includes(token) || listed.includes(rotated))
    is((await run('token', 'remove', id)).stdout, `${id}: removed\n`)
    const admin = local.split('_')[1] ?? ''
    const last = await run('token', 'remove', admin)
    equal([last.code, /last active one of an administrator/.test(last.stderr)], [1, true])
    for (const args of [['create'], ['create', '--name', 'x'], ['rotate'], ['odd'], ['create', '--expires', 'soon']]) {
      is((await run('token', ...args)).code, 2, args.join(' '))
    }
  }),
)

test(
  'the audit log is listed, filtered and verified, and a cut-off one is told by its exit code',
  withServer(async ({run, server}) => {
    await run('token', 'create', '--name', 'itsm', '--scope', 'read')
    const listed = await run('audit', '--who', 'admin', '--action', 'createToken')
    match(listed.stdout, /^\d+ +\S+ +admin +createToken +itsm +\{.*"scopes":\["read"\]/m)
    is((await run('audit', '--who', 'nobody')).stdout, 'There is no entry\n')
    const whole = await run('audit', '--verify')
    match(whole.stdout, /^\d+ entries, none of them changed\nhead [0-9a-f]{64}\n$/)
    const head = whole.stdout.trim().split(' ').at(-1) ?? ''
    is((await run('audit', '--head', head)).code, 0)
    const other = await run('audit', '--head', 'a'.repeat(64))
    equal([other.code, /the noted head is not in the log/.test(other.stdout)], [1, true])
    equal((await server.host.verifyAudit()).ok, true)
  }),
)

test(
  'a backup is made, brought and restored into another folder, with the key kept beside it',
  withServer(async ({run, server, folder}) => {
    await server.host.installBundle(await buildFixture(folder, 'echo'))
    const kept = await run('backup')
    match(kept.stdout, /backups\/plugin-host-.*\.tgz\n[\d.]+ [KM]iB, \d+ files, \d+ ms\nsha256 [0-9a-f]{64}\n$/)
    match((await run('backup', '--list')).stdout, /^NAME +MADE +SIZE\nplugin-host-\S+\.tgz .*\n$/)
    const brought = await run('backup', '--out', 'saved.tgz', '--with-key', '--json')
    is(brought.code, 0, brought.stderr)
    const {path, keyFile} = JSON.parse(brought.stdout) as {path: string; keyFile: string}
    equal([path, keyFile], [join(folder, 'saved.tgz'), join(folder, 'saved.tgz.key')])
    equal([(await stat(path)).mode & 0o777, (await stat(keyFile)).mode & 0o777], [0o600, 0o400])
    is((await server.host.listBackups()).length, 1, 'the brought one is not kept twice')
    const again = await run('backup', '--out', 'saved.tgz')
    equal([again.code, /there is a file of this name/.test(again.stderr)], [1, true])

    const refused = await run('restore', 'saved.tgz')
    equal([refused.code, /Cannot restore|uses it/.test(refused.stderr)], [1, true])
    const restored = await run('restore', 'saved.tgz', '--data', 'other')
    match(
      restored.stdout,
      /other: as it was at \d{4}-.*\n.*the database is sound\naudit log: .*\nsecret\.key: it fits\n$/,
    )
    const config = loadConfig({dataFolder: join(folder, 'other'), logLevel: 'silent', http: {port: 0}})
    const second = await startServer(config)
    try {
      is((await second.host.execute({registration: 'echo', action: 'echo', input: {}, by: 'x'})).status, 'succeeded')
      match((await run('audit', '--data', 'other')).stdout, /restore by \S+ +restoreBackup +saved\.tgz/)
    } finally {
      await second.stop()
    }
    await rm(keyFile, {force: true})
    match((await run('restore', 'saved.tgz', '--data', 'third')).stdout, /secret\.key: missing/)
  }),
)

test(
  'the key is rotated',
  withServer(async ({run, server, folder}) => {
    await server.host.installBundle(await buildFixture(folder, 'echo'))
    const before = await readFile(join(folder, 'data/secret.key'))
    match((await run('rotate-key')).stdout, /^[1-9]\d* secrets are wrapped with a new key/)
    not.equal(await readFile(join(folder, 'data/secret.key')), before)
  }),
)

test(
  'doctor finds nothing on a sound server, and the plugin that does not run',
  withServer(async ({run, server, folder}) => {
    const sound = await run('doctor')
    is(sound.code, 0, sound.stdout)
    const names = [
      ...sound.stdout.matchAll(/^(ok|warn|fail) +(node|settings|data folder|disk|database|secret key|server) /gm),
    ]
    is(names.length, 7, sound.stdout)
    not.match(sound.stdout, /^fail/m)
    await server.host.installBundle(await buildFixture(folder, 'exits')).catch(() => {})
    match((await run('doctor')).stdout, /^(ok|warn|fail) +plugin exits +1\.0\.0 /m)
  }),
)

test('doctor tells a key that others may use, a broken database, a taken port and wrong settings', () =>
  deadline(
    60_000,
    withTempFolder(async folder => {
      const data = join(folder, 'data')
      await mkdir(data, {mode: 0o755})
      await chmod(data, 0o755)
      await writeFile(join(data, 'secret.key'), Buffer.alloc(32), {mode: 0o644})
      await writeFile(join(data, 'plugin-host.db'), 'no database at all, but long enough to be looked at '.repeat(100))
      const taken = createServer()
      await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
      try {
        const {port} = taken.address() as {port: number}
        const settings = join(folder, 'settings.json')
        await writeFile(settings, JSON.stringify({http: {port}}))
        const found = await runCommandLine(['doctor', '--config', settings, '--json'], {cwd: folder})
        const {ok: fine, findings} = JSON.parse(found.stdout) as {
          ok: boolean
          findings: {name: string; state: string}[]
        }
        const states = Object.fromEntries(findings.map(({name, state}) => [name, state]))
        equal([found.code, fine], [1, false])
        equal(
          [states['data folder'], states['secret key'], states.database, states.address, states.server],
          ['warn', 'fail', 'fail', 'fail', 'warn'],
        )
        await writeFile(settings, '{"http": {"prot": 1}}')
        const wrong = await runCommandLine(['doctor', '--config', settings], {cwd: folder})
        match(wrong.stdout, /^fail +settings .*prot/m)
        match((await runCommandLine(['doctor'], {cwd: folder})).stdout, /chmod 400 \S+secret\.key/)
      } finally {
        taken.close()
      }
    }),
  ))

test.run()
