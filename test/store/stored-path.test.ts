import {suite} from 'uvu'
import {is} from 'uvu/assert'
import {createStoredPaths} from '../../host/store/stored-path.ts'

const test = suite('stored-path')
const paths = createStoredPaths('/srv/data')

test('a path in the data folder is kept relative, and opened where the folder is now', () => {
  const stored = paths.store('/srv/data/plugins/echo/1.0.0-ab')
  is(stored, 'plugins/echo/1.0.0-ab')
  is(paths.open(stored), '/srv/data/plugins/echo/1.0.0-ab')
  is(createStoredPaths('/other').open(stored), '/other/plugins/echo/1.0.0-ab')
})

test('a data folder named from the working folder gives absolute paths as well', () => {
  const here = createStoredPaths('data')
  is(here.store('data/artifacts/e1/a.txt'), 'artifacts/e1/a.txt')
  is(here.open('artifacts/e1/a.txt'), `${process.cwd()}/data/artifacts/e1/a.txt`)
})

test('an absolute path of an older release is found in the folder of now', () => {
  is(paths.open('/old/place/plugins/echo/1.0.0-ab'), '/srv/data/plugins/echo/1.0.0-ab')
  is(paths.open('/old/plugins/data/artifacts/e1/report.csv'), '/srv/data/artifacts/e1/report.csv')
  is(paths.open('/old/place/elsewhere'), '/old/place/elsewhere')
})

test('a path elsewhere stays as it is, also one that only begins like the data folder', () => {
  for (const path of ['/srv/data-2/plugins', '/elsewhere/x', '/srv/data']) is(paths.store(path), path)
})

test.run()
