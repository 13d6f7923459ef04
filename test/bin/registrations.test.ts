import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../support/deadline.ts'
import {type Served, withHttp} from '../support/http.ts'
import {type Finished, type RunOptions, runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('registration verbs')

interface Running extends Served {
  cwd: string
  run(args: string[], options?: RunOptions): Promise<Finished>
}

function withServer(work: (running: Running) => Promise<void>): () => Promise<void> {
  return () =>
    withTempFolder(cwd =>
      withHttp(served =>
        deadline(60_000, async () => {
          await mkdir(join(cwd, 'data'))
          await writeFile(join(cwd, 'data/server.json'), JSON.stringify({url: served.url}))
          await writeFile(join(cwd, 'data/token'), 'admin-token\n')
          await work({...served, cwd, run: (args, options) => runCommandLine(args, {cwd, ...options})})
        }),
      ),
    )
}

test(
  'register composes a configuration of fields and files, and keeps a draft with notes and settings',
  withServer(async ({run, host, cwd}) => {
    const asked: unknown[] = []
    const original = host.createRegistration
    host.createRegistration = entry => {
      asked.push(entry)
      return original(entry)
    }
    await writeFile(join(cwd, 'ca.pem'), 'PEM\n')
    const {code, stderr} = await run(
      [
        ...['register', 'echo', '--name', 'two', '--config', '{"port": 1, "tls": {"insecure": true}}'],
        ...['--set', 'host=a=b', '--set', 'port:=25', '--set', 'auth.user=u', '--file', 'tls.ca=@ca.pem'],
        ...['--notes', 'mind it', '--settings', '{"concurrency": 2}', '--draft'],
      ],
      {},
    )
    assert.is(code, 0, stderr)
    const config = {port: 25, tls: {insecure: true, ca: 'PEM\n'}, host: 'a=b', auth: {user: 'u'}}
    const rest = {notes: 'mind it', settings: {concurrency: 2}, draft: true}
    assert.equal(asked, [{plugin: 'echo', name: 'two', config, ...rest}])
  }),
)

test(
  'configure changes single fields of what is stored, from files and stdin too',
  withServer(async ({run, host, cwd}) => {
    await host.updateRegistration('echo', {config: {url: 'x', password: '••••••', tls: {ca: 'old'}}})
    await writeFile(join(cwd, 'ca.pem'), 'new')
    assert.is((await run(['configure', 'echo', '--set', 'url=y', '--file', 'tls.ca=ca.pem'])).code, 0)
    assert.equal(host.getRegistration('echo').config, {url: 'y', password: '••••••', tls: {ca: 'new'}})
    assert.is((await run(['configure', 'echo', '--file', 'url=-'], {input: 'z'})).code, 0)
    assert.is(host.getRegistration('echo').config.url, 'z')
    assert.is((await run(['configure', 'echo', '--notes', 'n', '--disable'])).code, 0)
    assert.equal([host.getRegistration('echo').notes, host.getRegistration('echo').enabled], ['n', false])
    for (const args of [['--set', 'url'], ['--set', 'n:=x'], ['--file', 'a=@none'], ['--settings', '[]'], []]) {
      assert.is((await run(['configure', 'echo', ...args])).code, 2, args.join(' '))
    }
  }),
)

test(
  'a registration is shown in full with what is wrong',
  withServer(async ({run, host}) => {
    const entry = host.getRegistration('echo')
    const problems = [{pointer: '/url', message: 'is required'}]
    host.registrations.set('echo', {...entry, enabled: false, draft: true, notes: 'mind it', problems})
    const {stdout} = await run(['registrations', 'echo'])
    assert.match(stdout, /^state +draft, 1 problem$/m)
    assert.match(stdout, /^notes +mind it$/m)
    assert.match(stdout, /^ {2}\/url is required$/m)
    assert.match((await run(['registrations'])).stdout, /^echo +echo +echo +draft, 1 problem$/m)
    assert.is((await run(['registrations', 'none'])).code, 1)
  }),
)

test(
  'choices of a field are listed',
  withServer(async ({run, host}) => {
    const asked: unknown[] = []
    host.listOptions = async (...parameters) => {
      asked.push(parameters)
      return {
        options: [
          {value: 'a', label: 'Alpha'},
          {value: 2, label: 'Two'},
        ],
        more: true,
      }
    }
    const {stdout} = await run(['options', 'echo', 'site', '--search', 'x', '--values', '{"url": "y"}'])
    assert.match(stdout, /^a +Alpha$/m)
    assert.match(stdout, /^2 +Two$/m)
    assert.match(stdout, /There are more/)
    assert.equal(asked, [['echo', 'site', {search: 'x', values: {url: 'y'}}]])
  }),
)

test.run()
