import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {type Access, isAllowed, type Target} from '../../host/http/scope.ts'

const test = suite('scope')

const ECHO: Target = {registration: 'main', plugin: 'echo'}

/** scopes, then what they may: read, execute on ECHO, execute on anything, operate, map, admin. */
const TABLE: [
  scopes: string[],
  read: boolean,
  echo: boolean,
  any: boolean,
  operate: boolean,
  map: boolean,
  admin: boolean,
][] = [
  [[], false, false, false, false, false, false],
  [['read'], true, false, false, false, false, false],
  [['execute'], false, true, true, false, false, false],
  [['execute:echo'], false, true, false, false, false, false],
  [['execute:main'], false, true, false, false, false, false],
  [['execute:other'], false, false, false, false, false, false],
  [['execute:'], false, false, false, false, false, false],
  [['operate'], true, false, false, true, false, false],
  [['map'], true, false, false, false, true, false],
  [['operate', 'map', 'execute'], true, true, true, true, true, false],
  [['read', 'execute:echo'], true, true, false, false, false, false],
  [['admin'], true, true, true, true, true, true],
  [['Admin', 'admin '], false, false, false, false, false, false],
]

for (const [scopes, ...expected] of TABLE) {
  test(`scopes ${JSON.stringify(scopes)} open exactly what they name`, () => {
    const may = (access: Access, target?: Target): boolean => isAllowed(scopes, access, target)
    const found = [may('read'), may('execute', ECHO), may('execute'), may('operate'), may('map'), may('admin')]
    assert.equal(found, expected)
    assert.ok(may('open'))
  })
}

test.run()
