import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Paths from the root of all pages, but those inside packages and templates. */
export function listPages(): string[] {
  const skipped = (name: string): boolean => /(^|\/)(node_modules|dist|templates|\.git)$/.test(name)
  return globSync('**/*.md', {cwd: ROOT, exclude: skipped}).sort()
}

export function readPage(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** Rows of all tables whose head begins with this cell; cells are trimmed. */
export function readTable(text: string, firstHead: string): string[][] {
  const rows: string[][] = []
  let inside = false
  for (const line of dropCode(text).split('\n')) {
    const cells = /^\|.*\|$/.test(line)
      ? line
          .slice(1, -1)
          .split('|')
          .map(cell => cell.trim())
      : undefined
    if (!cells) inside = false
    else if (cells[0] === firstHead) inside = true
    else if (inside && !/^-+$/.test(cells[0] ?? '')) rows.push(cells)
  }
  return rows
}

/** Names in backticks. */
export function readCode(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name)
}

/** The text below a heading, up to the next one of any level. */
export function readSection(text: string, heading: string): string | undefined {
  const lines = dropCode(text, true).split('\n')
  const start = lines.findIndex(line => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading)
  if (start === -1) return undefined
  const rest = lines.slice(start + 1)
  const end = rest.findIndex(line => /^#+ /.test(line))
  return rest.slice(0, end === -1 ? undefined : end).join('\n')
}

/** The fenced block whose opening line is this, as in `ts main.ts`. */
export function readBlock(text: string, opening: string): string | undefined {
  const [, block] = text.split(`\n\`\`\`${opening}\n`)
  return block?.split('\n```')[0]
}

/** Anchors of the headings, as the usual renderers make them. */
export function listAnchors(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const line of dropCode(text).split('\n')) {
    const [, title] = /^#+ (.*)$/.exec(line) ?? []
    if (title === undefined) continue
    const slug = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    let anchor = slug
    for (let number = 1; anchors.has(anchor); number++) anchor = `${slug}-${number}`
    anchors.add(anchor)
  }
  return anchors
}

/** Targets of links and images; code is no link. */
export function listLinks(text: string): string[] {
  const prose = dropCode(text).replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target)
}

/** Without fenced blocks; with `keep` only their headings-like lines are taken out of the way. */
function dropCode(text: string, keep = false): string {
  let fence = false
  return text
    .split('\n')
    .map(line => {
      if (/^\s*```/.test(line)) fence = !fence
      else if (!fence) return line
      return keep ? line.replace(/^#/, ' #') : ''
    })
    .join('\n')
}
