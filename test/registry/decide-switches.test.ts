import {suite} from 'uvu'
import {equal} from 'uvu/assert'
import {isHostError} from '../../host/errors.ts'
import {decideSwitches, type Switches} from '../../host/registry/decide-switches.ts'

const test = suite('decide-switches')
const on = {draft: false, enabled: true}
const off = {draft: false, enabled: false}
const draft = {draft: true, enabled: false}

interface Case {
  asked?: Partial<Switches>
  was?: Switches
  fits: boolean
  /** Default true. */
  configChanged?: boolean
}

function decide({asked = {}, was, fits, configChanged = true}: Case): Switches | 'refused' {
  const problems = fits ? [] : [{pointer: '/url', message: 'is required'}]
  try {
    return decideSwitches({asked, was, problems, configChanged})
  } catch (error) {
    if (isHostError(error, 'CONFIG_INVALID')) return 'refused'
    throw error
  }
}

test('a new one is on when it fits, and refused when not', () => {
  equal(decide({fits: true}), on)
  equal(decide({fits: true, asked: {enabled: false}}), off)
  equal(decide({fits: false}), 'refused')
  equal(decide({fits: false, asked: {enabled: false}}), 'refused')
})

test('a new draft is off; one that fits is none', () => {
  equal(decide({fits: false, asked: {draft: true}}), draft)
  equal(decide({fits: false, asked: {draft: true, enabled: true}}), 'refused')
  equal(decide({fits: true, asked: {draft: true}}), off)
  equal(decide({fits: true, asked: {draft: true, enabled: true}}), on)
})

test('a draft may stay one, and ends when it fits; switching it on is asked for apart', () => {
  equal(decide({was: draft, fits: false}), draft)
  equal(decide({was: draft, fits: false, configChanged: false}), draft)
  equal(decide({was: draft, fits: true}), off)
  equal(decide({was: draft, fits: true, asked: {enabled: true}}), on)
  equal(decide({was: draft, fits: true, asked: {enabled: true}, configChanged: false}), on)
  for (const asked of [{enabled: true}, {draft: false}]) {
    equal(decide({was: draft, fits: false, asked}), 'refused')
    equal(decide({was: draft, fits: false, asked, configChanged: false}), 'refused')
  }
})

test('one in use becomes a draft only when that is asked for, and is then off', () => {
  equal(decide({was: on, fits: false}), 'refused')
  equal(decide({was: on, fits: false, asked: {draft: true}}), draft)
  equal(decide({was: on, fits: true, asked: {draft: true}}), on)
})

test('one that a new version asks more of stays as it is until its configuration is touched', () => {
  const configChanged = false
  equal(decide({was: on, fits: false, configChanged}), on)
  equal(decide({was: on, fits: false, configChanged, asked: {enabled: true}}), on)
  equal(decide({was: on, fits: false, configChanged, asked: {enabled: false}}), off)
  equal(decide({was: off, fits: false, configChanged, asked: {enabled: true}}), 'refused')
  equal(decide({was: off, fits: true, configChanged, asked: {enabled: true}}), on)
})

test.run()
