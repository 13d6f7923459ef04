import type {DeskUser} from '../store/desk-users.ts'

type Person = Omit<DeskUser, 'id' | 'createdAt' | 'updatedAt'>

/** Name, department, location, the end of the phone number, employee number. */
const ROWS: [name: string, department: string, location: string, extension: string, number: string][] = [
  ['Ann Berg', 'Sales', 'Berlin', '0101', 'E-1001'],
  ['Bela Kovács', 'Finance', 'Berlin', '0102', 'E-1002'],
  ['Chandra Rao', 'IT', 'Berlin', '0103', 'E-1003'],
  ['Dora Lindqvist', 'Human Resources', 'Munich', '0104', 'E-1004'],
  ['Emeka Obi', 'Production', 'Hamburg', '0105', 'E-1005'],
  ['Fatima Haddad', 'Sales', 'Munich', '0106', 'E-1006'],
  ['Gustav Weiss', 'Production', 'Hamburg', '0107', 'E-1007'],
  ['Hana Sato', 'Engineering', 'Berlin', '0108', 'E-1008'],
  ['Igor Petrov', 'Engineering', 'Munich', '0109', 'E-1009'],
  ['Julia Romero', 'Marketing', 'Berlin', '0110', 'E-1010'],
  ['Karl O’Neill', 'IT', 'Hamburg', '0111', 'E-1011'],
  ['Lena Fischer', 'Legal', 'Munich', '0112', 'E-1012'],
]
/** Left the company. */
const INACTIVE = 'Gustav Weiss'

export const SAMPLE_PEOPLE: Person[] = ROWS.map(([name, department, location, extension, number]) => ({
  name,
  email: composeEmail(name),
  phone: `+49 30 5550${extension}`,
  department,
  location,
  active: name !== INACTIVE,
  fields: {'Employee number': number},
}))

/** Of one of the people above, by a part of the name. */
export function emailOf(name: string): string {
  const found = SAMPLE_PEOPLE.find(person => person.name.startsWith(name))
  if (!found) throw new Error(`Cannot find "${name}": there is no such sample person`)
  return found.email
}

function composeEmail(name: string): string {
  const plain = name
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f’]/g, '')
    .toLowerCase()
  return `${plain.replaceAll(' ', '.')}@example.com`
}
