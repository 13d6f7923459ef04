import type {PluginError} from 'plugin-host/sdk'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {joinUrl} from '../../request/join-url.ts'

const test = suite('join-url')
const BASE = 'https://api.example.com/v1'

function refused(run: () => unknown): Pick<PluginError, 'category' | 'field'> {
  try {
    run()
  } catch (error) {
    const {category, field} = error as PluginError
    return {category, field}
  }
  throw new Error('Nothing was refused')
}

test('A path is appended below the base URL, whether either has a slash or not', () => {
  for (const base of [BASE, `${BASE}/`]) {
    for (const path of ['messages/7', '/messages/7']) {
      assert.is(joinUrl(base, {path}).href, 'https://api.example.com/v1/messages/7')
    }
  }
  assert.is(joinUrl(BASE, {}).href, BASE)
  assert.is(joinUrl('https://api.example.com', {path: 'a'}).href, 'https://api.example.com/a')
})

test('Queries of base URL, path and input add up, and only the input’s is encoded', () => {
  const url = joinUrl('https://h/a?k=1', {path: 'b?x=%20y', query: {q: 'ä b&c', list: [1, true], none: null}})
  assert.is(url.href, 'https://h/a/b?k=1&x=%20y&q=%C3%A4+b%26c&list=1&list=true')
})

test('No path leaves the origin or the folder of the base URL', () => {
  const hostile = [
    '../admin',
    'a/../../admin',
    '%2e%2e/admin',
    'a/%2E./%2e%2e/admin',
    '..\\admin',
    'a%2f..%2f..%2fadmin',
    '..%5cadmin',
  ]
  for (const path of hostile) {
    assert.equal(
      refused(() => joinUrl(BASE, {path})),
      {category: 'input', field: '/input/path'},
      path,
    )
  }
  for (const path of [
    '//evil.example/x',
    'https://evil.example/',
    '@evil.example',
    '\\\\evil.example',
    ':80@evil',
    '\t//evil.example',
  ]) {
    const url = joinUrl(BASE, {path})
    assert.is(url.origin, 'https://api.example.com', path)
    assert.ok(url.pathname.startsWith('/v1/'), path)
  }
})

test('With a base URL a whole URL must lie below it', () => {
  assert.is(joinUrl(BASE, {url: 'https://api.example.com/v1/x?y=1#z'}).href, 'https://api.example.com/v1/x?y=1')
  for (const url of [
    'https://evil.example/v1/x',
    'http://api.example.com/v1/x',
    'https://api.example.com:8443/v1/x',
    'https://api.example.com/v1evil',
    'https://api.example.com/v1/../v2',
  ]) {
    assert.equal(
      refused(() => joinUrl(BASE, {url})),
      {category: 'input', field: '/input/url'},
      url,
    )
  }
  assert.equal(
    refused(() => joinUrl(BASE, {url: BASE, path: 'x'})),
    {category: 'input', field: '/input/url'},
  )
})

test('Without a base URL the input names the whole URL, and is told so', () => {
  assert.is(joinUrl(undefined, {url: ' http://127.0.0.1:8080/x '}).href, 'http://127.0.0.1:8080/x')
  assert.equal(
    refused(() => joinUrl(undefined, {})),
    {category: 'input', field: '/input/url'},
  )
  assert.equal(
    refused(() => joinUrl(undefined, {path: 'x'})),
    {category: 'config', field: '/config/baseUrl'},
  )
})

test('Other schemes, credentials in the URL and what is no URL are refused', () => {
  for (const url of [
    'file:///etc/passwd',
    'ftp://h/x',
    'javascript:alert(1)',
    'data:,x',
    'https://user:pass@h/',
    'https://user@h/',
    'not a url',
    '//h/x',
    'http://',
  ]) {
    assert.equal(
      refused(() => joinUrl(undefined, {url})),
      {category: 'input', field: '/input/url'},
      url,
    )
  }
  assert.equal(
    refused(() => joinUrl('https://u:p@h', {})),
    {category: 'config', field: '/config/baseUrl'},
  )
})

test.run()
