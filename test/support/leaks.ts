import {readdir, readFile, readlink} from 'node:fs/promises'

/** Processes (zombies aside) whose environment, folder or command line speaks of the given folder. Linux; elsewhere none are seen. */
export async function findLeaks(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter(
    name => /^\d+$/.test(name) && name !== String(process.pid),
  )
  const found = await Promise.all(pids.map(pid => describe(pid, folder).catch(() => undefined)))
  return found.filter(line => line !== undefined)
}

async function describe(pid: string, folder: string): Promise<string | undefined> {
  const [environment, command, cwd, status] = await Promise.all([
    readFile(`/proc/${pid}/environ`, 'utf8'),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
    readFile(`/proc/${pid}/stat`, 'utf8'),
  ])
  if (/^\d+ \(.*\) Z/s.test(status)) return undefined
  return [environment, command, cwd].some(text => text.includes(folder))
    ? `${pid} ${command.replaceAll('\0', ' ').slice(0, 200)}`
    : undefined
}
