import {prerelease, valid} from 'semver'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {composeDevVersion, isDevVersion} from '../../host/bundle/dev-version.ts'

const test = suite('dev-version')

test('a dev build is a pre-release of the version, whatever that is', () => {
  for (const [version, expected] of [
    ['1.2.3', '1.2.3-dev.7'],
    ['1.2.3-rc.1', '1.2.3-rc.1.dev.7'],
    ['1.2.3+build.5', '1.2.3-dev.7'],
    ['1.2.3-rc.1+build-5', '1.2.3-rc.1.dev.7'],
  ] as const) {
    assert.is(composeDevVersion(version, 7), expected)
    assert.ok(valid(expected) && prerelease(expected)?.includes('dev'))
    assert.ok(isDevVersion(expected))
    assert.not.ok(isDevVersion(version))
  }
})

test('only what dev has made is a dev build', () => {
  for (const version of ['1.0.0-dev', '1.0.0-dev.x', '1.0.0-develop.1', '1.0.0-dev.1.rc'])
    assert.not.ok(isDevVersion(version))
})

test.run()
