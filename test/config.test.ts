import {writeFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {type ConfigInput, listSettings, loadConfig} from '../host/config.ts'
import {isHostError} from '../host/errors.ts'
import {withTempFolder} from './support/temp.ts'

const test = suite('config')

function refusalOf(settings: ConfigInput, env: NodeJS.ProcessEnv = {}, file?: string): string {
  try {
    loadConfig(settings, env, file)
  } catch (error) {
    assert.ok(isHostError(error, 'HOST_CONFIG_INVALID'))
    return error.message
  }
  return 'accepted'
}

test('by hand wins over the environment, the environment over the file, the file over the default', () =>
  withTempFolder(async folder => {
    const file = join(folder, 'settings.json')
    await writeFile(
      file,
      JSON.stringify({dataFolder: 'of-file', http: {host: '::1', port: 1}, bundle: {maxEntries: 7}}),
    )
    const env = {PLUGIN_HOST_DATA: 'of-env', PLUGIN_HOST_HTTP_HOST: '127.0.0.2', PLUGIN_HOST_HTTP_PORT: '2'}
    const config = loadConfig({dataFolder: 'by-hand'}, env, file)
    assert.is(config.dataFolder, resolve('by-hand'))
    assert.is(config.http.host, '127.0.0.2')
    assert.is(config.http.port, 2)
    assert.is(config.bundle.maxEntries, 7)
    assert.is(config.bundle.keepVersions, 3)
  }))

test('an empty variable says nothing', () => {
  assert.is(loadConfig({}, {PLUGIN_HOST_DATA: ''}).dataFolder, resolve('data'))
})

test('unknown keys and values of the wrong kind are refused by name', () =>
  withTempFolder(async folder => {
    const file = join(folder, 'settings.json')
    await writeFile(file, '{"http": {"prot": 1}}')
    assert.match(refusalOf({}, {}, file), /^Cannot read the settings: .*http\.prot/)
    assert.match(refusalOf({http: {port: -1}}), /http\.port/)
    assert.match(refusalOf({}, {PLUGIN_HOST_HTTP_PORT: 'many'}), /http\.port/)
    assert.match(refusalOf({}, {}, join(folder, 'none.json')), /none\.json/)
    await writeFile(file, '{http}')
    assert.match(refusalOf({}, {}, file), /settings\.json: .*JSON/)
  }))

test('each setting has a description and a unit where it is a time or a size', () => {
  const rows = listSettings()
  assert.ok(rows.length > 40)
  for (const {key, doc} of rows) {
    assert.ok(doc.length > 10, key)
    if (/Ms$/.test(key)) assert.match(doc, /milliseconds/, key)
    if (/Bytes$/.test(key)) assert.match(doc, /bytes/i, key)
  }
})

test('settings are frozen all the way down', () => {
  const config = loadConfig()
  assert.throws(() => Object.assign(config.http, {port: 1}), /read only/)
})

test.run()
