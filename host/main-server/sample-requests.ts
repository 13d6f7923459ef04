import type {JsonObject} from '../../runtime/protocol.ts'
import type {DeskField} from '../store/desk-fields.ts'
import type {DeskRequest} from '../store/desk-requests.ts'
import {emailOf, SAMPLE_PEOPLE} from './sample-people.ts'

export const SAMPLE_FIELDS: Omit<DeskField, 'id'>[] = [
  {module: 'request', label: 'Phone', type: 'text', required: false, systemManaged: false},
  {module: 'request', label: 'Joining date', type: 'date', required: false, systemManaged: false},
  {module: 'request', label: 'Affected people', type: 'number', required: false, systemManaged: false},
  {
    module: 'request',
    label: 'Building',
    type: 'choice',
    required: false,
    systemManaged: false,
    choices: ['A', 'B', 'C', 'Warehouse'],
  },
  {module: 'request', label: 'AD account', type: 'text', required: false, systemManaged: true},
  {module: 'request', label: 'SMS reference', type: 'text', required: false, systemManaged: true},
  {module: 'user', label: 'Employee number', type: 'text', required: false, systemManaged: false},
  {module: 'asset', label: 'Cost center', type: 'text', required: false, systemManaged: false},
]

type Row = [subject: string, requester: string, status: string, priority: string, category: string, own?: JsonObject]

const GROUPS: {[category: string]: string} = {
  Hardware: 'Field Service',
  Software: 'Application Support',
  Network: 'Network Operations',
  Access: 'Identity Team',
  Onboarding: 'Identity Team',
  Printing: 'Field Service',
  Email: 'Application Support',
}

/** The oldest first: the first one gets id 1 on an empty desk. */
const ROWS: Row[] = [
  ['Laptop does not start after the update', 'Ann', 'open', 'urgent', 'Hardware', {Phone: '+49 30 55500101'}],
  ['Order a second monitor', 'Bela', 'open', 'low', 'Hardware', {Building: 'A'}],
  ['New colleague in Sales: set up account', 'Dora', 'open', 'high', 'Onboarding', {'Joining date': '2027-04-01'}],
  ['No Wi-Fi in meeting room 3', 'Hana', 'in progress', 'high', 'Network', {'Affected people': 12, Building: 'A'}],
  ['Printer on the second floor jams', 'Julia', 'closed', 'normal', 'Printing', {Building: 'B'}],
  ['Reset password of the ERP system', 'Fatima', 'resolved', 'normal', 'Access'],
  ['Outlook asks for the password again and again', 'Lena', 'in progress', 'normal', 'Email'],
  ['VPN drops every ten minutes', 'Igor', 'open', 'high', 'Network', {Phone: '+49 30 55500109'}],
  ['Shared mailbox for the spring campaign', 'Julia', 'pending', 'normal', 'Email'],
  ['Scanner at gate 2 reads nothing', 'Emeka', 'open', 'urgent', 'Hardware', {Building: 'Warehouse'}],
  ['Access to the contracts share', 'Lena', 'pending', 'normal', 'Access'],
  ['Keyboard with a stuck key', 'Bela', 'closed', 'low', 'Hardware'],
  ['CAD licence has expired', 'Hana', 'in progress', 'urgent', 'Software', {'Affected people': 4}],
  ['Slow network on the third floor', 'Igor', 'open', 'normal', 'Network', {'Affected people': 20, Building: 'C'}],
  ['Toner for the colour printer', 'Ann', 'closed', 'low', 'Printing', {Building: 'A'}],
  ['Colleague leaves: close the account', 'Dora', 'open', 'high', 'Access', {'AD account': 'gweiss'}],
  ['Excel crashes with large files', 'Bela', 'open', 'normal', 'Software'],
  ['Headset for video calls', 'Fatima', 'resolved', 'low', 'Hardware'],
  ['Two-factor login on the new phone', 'Karl', 'resolved', 'normal', 'Access'],
  ['Production terminal shows a blue screen', 'Emeka', 'in progress', 'urgent', 'Hardware', {Building: 'Warehouse'}],
  ['Spam gets through to info@', 'Julia', 'open', 'normal', 'Email', {'Affected people': 6}],
  ['New colleague in Engineering: laptop', 'Dora', 'pending', 'high', 'Onboarding', {'Joining date': '2027-05-03'}],
  ['Telephone in room 114 is silent', 'Lena', 'open', 'normal', 'Hardware', {Building: 'B'}],
  ['Backup report shows a failed job', 'Chandra', 'in progress', 'high', 'Software'],
  ['Website shows an old price list', 'Fatima', 'closed', 'normal', 'Software'],
  ['Switch in rack 4 is loud', 'Karl', 'open', 'low', 'Network', {Building: 'C'}],
  ['Account locked after the holidays', 'Igor', 'resolved', 'high', 'Access', {'AD account': 'ipetrov'}],
  ['Docking station does not charge', 'Hana', 'open', 'normal', 'Hardware'],
  ['Calendar of the board is not visible', 'Ann', 'pending', 'normal', 'Email'],
  ['Label printer prints empty labels', 'Emeka', 'open', 'high', 'Printing', {Building: 'Warehouse'}],
  ['Install the new time recording client', 'Bela', 'open', 'normal', 'Software', {'Affected people': 35}],
  ['Guest Wi-Fi for the trade fair', 'Julia', 'pending', 'normal', 'Network', {'Affected people': 40}],
  ['Certificate of the intranet has run out', 'Chandra', 'closed', 'urgent', 'Network', {'Affected people': 120}],
  ['Projector in the auditorium flickers', 'Lena', 'open', 'low', 'Hardware', {Building: 'A'}],
  ['Invoice import stops at line 1,024', 'Bela', 'in progress', 'high', 'Software'],
  ['Rights for the sales dashboard', 'Ann', 'resolved', 'normal', 'Access'],
  ['Phone for the on-call service', 'Karl', 'open', 'normal', 'Hardware'],
  ['Distribution list of Munich is out of date', 'Fatima', 'open', 'low', 'Email'],
  ['Door terminal does not read badges', 'Emeka', 'open', 'urgent', 'Access', {Building: 'Warehouse'}],
  ['Move of six desks to building C', 'Dora', 'pending', 'normal', 'Hardware', {'Affected people': 6, Building: 'C'}],
]

const ASSIGNEES = [emailOf('Chandra'), emailOf('Karl')]

export const SAMPLE_REQUESTS: Omit<DeskRequest, 'id' | 'createdAt' | 'updatedAt'>[] = ROWS.map(
  ([subject, name, status, priority, category, fields = {}], index) => {
    const requester = emailOf(name)
    const affected = typeof fields['Affected people'] === 'number' ? fields['Affected people'] : 1
    return {
      subject,
      description: `${subject}. Reported by ${name}, please have a look.`,
      status,
      priority,
      requester,
      category,
      impact: affected > 10 ? 'on business' : affected > 1 ? 'on department' : 'on user',
      urgency: priority,
      assignee: status === 'open' ? '' : (ASSIGNEES[index % ASSIGNEES.length] ?? ''),
      group: GROUPS[category] ?? '',
      location: SAMPLE_PEOPLE.find(({email}) => email === requester)?.location ?? '',
      fields,
    }
  },
)
