import {formatOffset, type ParsedDate, toWall} from './dates.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** From 1601 until 1970, as Windows counts. */
const FILETIME_MS = 11_644_473_600_000n

const NAMED: {[name: string]: (date: ParsedDate, timeZone: string) => string} = {
  iso: formatIso,
  date: (date, timeZone) => new Date(toWall(date, timeZone).wallMs).toISOString().slice(0, 10),
  seconds: (date, timeZone) => String(Math.floor(toInstant(date, timeZone) / 1000)),
  milliseconds: (date, timeZone) => String(toInstant(date, timeZone)),
  filetime: (date, timeZone) => String((BigInt(toInstant(date, timeZone)) + FILETIME_MS) * 10_000n),
}

/** Longest first, so that `MMMM` is not read as `MM` twice. */
const TOKENS = [
  'yyyy',
  'MMMM',
  'EEEE',
  'MMM',
  'EEE',
  'SSS',
  'XXX',
  'yy',
  'MM',
  'dd',
  'HH',
  'hh',
  'mm',
  'ss',
  'M',
  'd',
  'H',
  'h',
  'a',
]

const QUOTED = /'((?:[^']|'')*)'/y

/** Reads `dd-MM-yyyy HH:mm`; letters that are no token stand in single quotes. Returns what is wrong as text. */
export function parseDateFormat(format: string): DatePiece[] | string {
  if (Object.hasOwn(NAMED, format)) return [{named: format}]
  const pieces: DatePiece[] = []
  for (let at = 0; at < format.length; ) {
    const token = TOKENS.find(each => format.startsWith(each, at))
    const char = format.charAt(at)
    if (token !== undefined) {
      pieces.push({token})
      at += token.length
    } else if (char === "'") {
      QUOTED.lastIndex = at
      const quoted = QUOTED.exec(format)
      if (!quoted) return `has a ' that is not closed`
      pieces.push({text: quoted[1]?.replaceAll("''", "'") || "'"})
      at += quoted[0].length
    } else if (/[A-Za-z]/.test(char)) {
      return `has the letter "${char}", which stands for nothing`
    } else {
      pieces.push({text: char})
      at++
    }
  }
  return pieces
}

export type DatePiece = {named: string} | {token: string} | {text: string}

export const DATE_FORMATS = Object.keys(NAMED)
export const DATE_TOKENS = TOKENS

export function formatDate(date: ParsedDate, pieces: readonly DatePiece[], timeZone: string): string {
  const {wallMs, offset} = toWall(date, timeZone)
  const wall = new Date(wallMs)
  return pieces
    .map(piece => {
      if ('named' in piece) return NAMED[piece.named]?.(date, timeZone) ?? ''
      return 'text' in piece ? piece.text : formatToken(piece.token, wall, offset)
    })
    .join('')
}

function formatToken(token: string, wall: Date, offset: number): string {
  const [month, day, hours] = [wall.getUTCMonth() + 1, wall.getUTCDate(), wall.getUTCHours()]
  const twelve = hours % 12 === 0 ? 12 : hours % 12
  const pad = (value: number, width = token.length): string => String(value).padStart(width, '0')
  switch (token) {
    case 'yyyy':
      return pad(wall.getUTCFullYear())
    case 'yy':
      return pad(wall.getUTCFullYear() % 100)
    case 'MMMM':
    case 'MMM':
      return new Intl.DateTimeFormat('en', {month: token === 'MMM' ? 'short' : 'long', timeZone: 'UTC'}).format(wall)
    case 'EEEE':
    case 'EEE':
      return new Intl.DateTimeFormat('en', {weekday: token === 'EEE' ? 'short' : 'long', timeZone: 'UTC'}).format(wall)
    case 'MM':
    case 'M':
      return pad(month)
    case 'dd':
    case 'd':
      return pad(day)
    case 'HH':
    case 'H':
      return pad(hours)
    case 'hh':
    case 'h':
      return pad(twelve)
    case 'a':
      return hours < 12 ? 'AM' : 'PM'
    case 'mm':
      return pad(wall.getUTCMinutes())
    case 'ss':
      return pad(wall.getUTCSeconds())
    case 'SSS':
      return pad(wall.getUTCMilliseconds())
    default:
      return formatOffset(offset)
  }
}

function formatIso(date: ParsedDate, timeZone: string): string {
  const {wallMs, offset} = toWall(date, timeZone)
  return `${new Date(wallMs).toISOString().slice(0, -1)}${formatOffset(offset)}`
}

function toInstant(date: ParsedDate, timeZone: string): number {
  const {wallMs, offset} = toWall(date, timeZone)
  return wallMs - offset * MINUTE_MS
}

/** A day, a wall clock's time and a moment each stay what they are. */
export function addDays(date: ParsedDate, days: number): string | undefined {
  const moved = new Date(date.ms + days * DAY_MS)
  if (Number.isNaN(moved.getTime()) || moved.getUTCFullYear() > 9999 || moved.getUTCFullYear() < 0) return undefined
  const text = moved.toISOString()
  if (!date.hasTime) return text.slice(0, 10)
  return date.hasZone ? text : text.slice(0, -1)
}
