import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {type Access, isAllowed, type Target} from '../../host/http/scope.ts'

const test = suite('scope')

const ECHO: Target = {registration: 'main', plugin: 'echo'}

/** scopes, then what they may: read, execute on ECHO, execute on anything, admin. */
const TABLE: [scopes: string[], read: boolean, echo: boolean, any: boolean, admin: boolean][] = [
  [[], false, false, false, false],
  [['read'], true, false, false, false],
  [['execute'], false, true, true, false],
  [['execute:echo'], false, true, false, false],
  [['execute:main'], false, true, false, false],
  [['execute:other'], false, false, false, false],
  [['execute:'], false, false, false, false],
  [['read', 'execute:echo'], true, true, false, false],
  [['admin'], true, true, true, true],
  [['Admin', 'admin '], false, false, false, false],
]

for (const [scopes, read, echo, any, admin] of TABLE) {
  test(`scopes ${JSON.stringify(scopes)} open exactly what they name`, () => {
    const may = (access: Access, target?: Target): boolean => isAllowed(scopes, access, target)
    assert.equal([may('read'), may('execute', ECHO), may('execute'), may('admin')], [read, echo, any, admin])
    assert.ok(may('open'))
  })
}

test.run()
