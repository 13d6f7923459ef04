import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {ARCHIVE_PROBLEMS, MANIFEST_PROBLEMS, refuse} from '../../host/bundle/bundle-problems.ts'
import {ERRORS, type ErrorCode, HostError} from '../../host/errors.ts'

const test = suite('errors')

/** Programs are written against these: a code or status that changes breaks them. */
const PINNED = `
BUNDLE_NOT_FOUND 404, BUNDLE_UNREADABLE 422, BUNDLE_TOO_LARGE 413, BUILD_FAILED 422, BUNDLE_REFUSED 422, MANIFEST_INVALID 422,
PLUGIN_NOT_FOUND 404, PLUGIN_VERSION_NOT_FOUND 404, PLUGIN_EXISTS 409, PLUGIN_NOT_RUNNING 503, PLUGIN_DISABLED 409,
PLUGIN_PARKED 503, PLUGIN_BUSY 429, QUEUE_FULL 429, PLUGIN_START_FAILED 502, PLUGIN_PROTOCOL_MISMATCH 502, PLUGIN_PROTOCOL_ERROR 502,
PLUGIN_CRASHED 502, PLUGIN_STOPPED 503, PLUGIN_UNSUPPORTED 501, PLUGIN_SWAP_FAILED 502, ACTION_NOT_FOUND 404,
REGISTRATION_NOT_FOUND 404, REGISTRATION_DISABLED 409, REGISTRATION_EXISTS 409, CONFIG_INVALID 422, OPTIONS_FAILED 502, INPUT_INVALID 422,
OUTPUT_INVALID 502, EFFECT_DENIED 403, EFFECT_FAILED 502, HOST_API_DENIED 403, HOST_API_FAILED 502, DRY_RUN_UNSUPPORTED 422,
EXECUTION_NOT_FOUND 404, EXECUTION_TIMED_OUT 504, EXECUTION_CANCELLED 499, EXECUTION_INTERRUPTED 500, ARTIFACT_NOT_FOUND 404,
EXECUTION_NOT_REPLAYABLE 409, MAPPING_NOT_FOUND 404, MAPPING_INVALID 422, MAPPING_FAILED 422, RECORD_NOT_FOUND 404,
MAIN_SERVER_REFUSED 422, MAIN_SERVER_UNAVAILABLE 503, EVENT_INVALID 422, EVENT_NOT_FOUND 404, RULE_NOT_FOUND 404, RULE_EXISTS 409,
RULE_RUN_NOT_FOUND 404, RULE_REFUSED 409, RULE_INVALID 422, SCHEDULE_NOT_FOUND 404, SCHEDULE_EXISTS 409, SCHEDULE_REFUSED 409, SCHEDULE_INVALID 422, CONSENT_NEEDED 409, UPGRADE_BREAKS 409,
REHEARSAL_DIFFERS 409, TOKEN_NOT_FOUND 404, TOKEN_INVALID 422, TOKEN_NEEDED 409, AUDIT_FAILED 503, BACKUP_FAILED 500, BACKUP_NOT_FOUND 404, RESTORE_REFUSED 422,
TOKEN_REFUSED 401, TOKEN_SCOPE 403, TOKEN_ATTEMPTS 429, REQUEST_INVALID 400, REQUEST_TOO_LARGE 413, REQUEST_TIMEOUT 408,
REQUEST_MEDIA_TYPE 415, REQUEST_HEADERS_TOO_LARGE 431, HOST_HEADER_REFUSED 421, METHOD_NOT_ALLOWED 405, ROUTE_NOT_FOUND 404,
HOST_STOPPING 503, HOST_LISTEN_FAILED 500, HOST_LOCKED 409, HOST_KEY_REFUSED 500, HOST_CONFIG_INVALID 500,
HOST_STORE_FAILED 507, HOST_INTERNAL 500`
  .trim()
  .split(/,\s+/)

/** What each is thrown with; those that are not named take a reason. */
const SAMPLES: {[code in ErrorCode]?: {[name: string]: unknown}} = {
  BUNDLE_NOT_FOUND: {path: '/tmp/a.fp'},
  BUILD_FAILED: {plugin: 'hello', reason: '1 problem\nmain.ts:3:5: it is wrong'},
  BUNDLE_REFUSED: {place: 'a/b', message: 'is a link', problem: 'ENTRY_LINK', remedy: 'Take it out'},
  PLUGIN_NOT_FOUND: {id: 'hello'},
  PLUGIN_VERSION_NOT_FOUND: {id: 'hello', version: '1.0.0'},
  PLUGIN_EXISTS: {id: 'hello', version: '1.0.0'},
  PLUGIN_NOT_RUNNING: {id: 'hello', state: 'waiting'},
  PLUGIN_DISABLED: {id: 'hello'},
  PLUGIN_PARKED: {id: 'hello', reason: 'it crashed'},
  PLUGIN_BUSY: {id: 'hello'},
  QUEUE_FULL: {count: 100_000},
  PLUGIN_START_FAILED: {id: 'hello', reason: 'it ended'},
  PLUGIN_PROTOCOL_MISMATCH: {id: 'hello', plugin: '2', host: '1', remedy: 'Update the server'},
  PLUGIN_PROTOCOL_ERROR: {id: 'hello', reason: 'it is not JSON'},
  PLUGIN_CRASHED: {id: 'hello', reason: 'exit code 1'},
  PLUGIN_STOPPED: {id: 'hello'},
  PLUGIN_UNSUPPORTED: {id: 'hello', method: 'test'},
  PLUGIN_SWAP_FAILED: {id: 'hello', version: '1.0.0', reason: 'it ended'},
  ACTION_NOT_FOUND: {id: 'hello', action: 'nope', known: 'hello'},
  REGISTRATION_NOT_FOUND: {id: 'hello'},
  REGISTRATION_DISABLED: {id: 'hello'},
  REGISTRATION_EXISTS: {id: 'hello', reason: 'there is one with this id'},
  OPTIONS_FAILED: {field: 'site', reason: 'the server did not answer'},
  OUTPUT_INVALID: {id: 'hello', reason: '/output is required'},
  EFFECT_DENIED: {id: 'hello', op: 'request.note'},
  EFFECT_FAILED: {op: 'request.note', reason: 'there is no request 7'},
  HOST_API_DENIED: {id: 'hello', method: 'kv.get'},
  HOST_API_FAILED: {method: 'http.fetch', reason: 'no answer'},
  DRY_RUN_UNSUPPORTED: {action: 'order', reason: 'it cannot be sealed'},
  EXECUTION_NOT_FOUND: {id: 'e1'},
  EXECUTION_TIMED_OUT: {action: 'order', ms: 1000},
  EXECUTION_CANCELLED: {action: 'order'},
  EXECUTION_INTERRUPTED: {action: 'order'},
  ARTIFACT_NOT_FOUND: {name: 'a.csv'},
  EXECUTION_NOT_REPLAYABLE: {id: 'e1', reason: 'its secrets were not kept'},
  MAPPING_NOT_FOUND: {id: 'ad', name: 'joiner'},
  MAPPING_FAILED: {name: 'joiner', reason: 'cn has no value'},
  RECORD_NOT_FOUND: {module: 'request', id: '7'},
  MAIN_SERVER_REFUSED: {action: 'update request 7', reason: 'a note is required'},
  EVENT_NOT_FOUND: {id: 'e1'},
  RULE_NOT_FOUND: {id: 'r1'},
  RULE_EXISTS: {id: 'r1'},
  RULE_RUN_NOT_FOUND: {id: 'r1'},
  RULE_REFUSED: {id: 'r1', reason: 'it is disabled'},
  SCHEDULE_NOT_FOUND: {id: 's1'},
  SCHEDULE_EXISTS: {id: 's1'},
  SCHEDULE_REFUSED: {id: 's1', reason: 'the run before has not ended'},
  CONSENT_NEEDED: {id: 'hello', version: '2.0.0', reason: 'programs'},
  UPGRADE_BREAKS: {id: 'hello', version: '2.0.0', reason: 'mapping "joiner"'},
  REHEARSAL_DIFFERS: {id: 'hello', version: '2.0.0', reason: '1 of 3 outputs differs'},
  TOKEN_NOT_FOUND: {id: 't1'},
  TOKEN_NEEDED: {id: 't1'},
  BACKUP_NOT_FOUND: {name: 'plugin-host-1.tgz'},
  TOKEN_SCOPE: {action: 'GET /v1/plugins', scope: 'read'},
  REQUEST_TIMEOUT: {ms: 1000},
  REQUEST_MEDIA_TYPE: {type: 'text/plain'},
  HOST_HEADER_REFUSED: {host: 'example.com'},
  METHOD_NOT_ALLOWED: {method: 'PUT', route: '/v1/plugins', allow: 'GET'},
  ROUTE_NOT_FOUND: {route: '/v1/nothing'},
  HOST_LISTEN_FAILED: {address: '127.0.0.1:5050', reason: 'another program listens there'},
  HOST_LOCKED: {path: '/data', pid: 7},
  HOST_KEY_REFUSED: {path: '/data/secret.key', reason: 'it is missing', remedy: 'Restore the key file'},
}

const CODES = Object.keys(ERRORS) as ErrorCode[]

/** What is wrong with a message by the grammar: `Cannot <action> <"name">: <state>`, then the remedy on lines of its own. */
function findFaults(message: string): string[] {
  const [first = '', ...remedy] = message.split('\n')
  return [
    ...(/^Cannot [a-z].*: \S/i.test(first) ? [] : ['does not say "Cannot <action>: <state>"']),
    ...([first, ...remedy].some(line => /[.!]$/.test(line)) ? ['a line ends in a period'] : []),
    ...([first, ...remedy].some(line => line !== line.trim() || line === '') ? ['a line is empty or padded'] : []),
    ...(/undefined|\[object|"unknown"|: unknown/.test(message) ? ['a detail is missing'] : []),
    ...(remedy.every(line => /^[A-Z0-9a-z/]/.test(line)) ? [] : ['a remedy does not begin with a word']),
  ]
}

test('the codes and their statuses are the pinned ones', () => {
  assert.equal(
    CODES.map(code => `${code} ${ERRORS[code][0]}`),
    PINNED,
  )
})

test('each code says what cannot be done and why, and what to do on a new line', () => {
  for (const code of CODES) {
    const error = new HostError(code, SAMPLES[code] ?? {reason: 'it is not so'})
    assert.equal(findFaults(error.message), [], `${code}: ${error.message}`)
    assert.is(error.status, ERRORS[code][0])
  }
})

test('every detail of a sample is told', () => {
  for (const [code, details] of Object.entries(SAMPLES)) {
    const {message} = new HostError(code as ErrorCode, details)
    for (const value of Object.values(details)) assert.ok(message.includes(String(value)), `${code}: ${value}`)
  }
})

test('a message that breaks the grammar would be found', () => {
  for (const bad of [
    'Failed to start',
    'Cannot start plugin "a": it ended.',
    'Cannot start plugin "a"',
    'Cannot start plugin unknown: unknown',
    'Cannot start plugin "a": it ended\n',
    'Cannot start plugin "a": it ended\n- try again',
  ]) {
    assert.ok(findFaults(bad).length > 0, bad)
  }
})

test('a refused bundle speaks the same way, whatever it is refused for', () => {
  const codes = Object.keys({...ARCHIVE_PROBLEMS, ...MANIFEST_PROBLEMS}) as Parameters<typeof refuse>[0][]
  assert.ok(codes.length > 80)
  for (const code of codes) {
    const {message} = refuse(code, 'folder/file', 'more of it')
    assert.equal(findFaults(message), [], message)
    assert.ok(message.includes('folder/file'), message)
  }
  for (const [state, remedy] of Object.values({...ARCHIVE_PROBLEMS, ...MANIFEST_PROBLEMS})) {
    assert.match(state, /^[a-z]/)
    assert.match(remedy, /^[A-Z].*[^.]$/)
  }
})

test.run()
