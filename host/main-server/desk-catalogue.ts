import type {FieldInfo, FieldType, Module} from '../record-types.ts'
import type {DeskField} from '../store/desk-fields.ts'

export const STATUSES = ['open', 'in progress', 'pending', 'resolved', 'closed']
export const PRIORITIES = ['low', 'normal', 'high', 'urgent']
const IMPACTS = ['low', 'on user', 'on department', 'on business']
const ASSET_STATUSES = ['in use', 'in stock', 'in transit', 'missing', 'retired']

type More = Partial<Pick<FieldInfo, 'aliases' | 'choices' | 'path' | 'readOnly' | 'required'>>

function field(id: string, label: string, type: FieldType = 'text', more: More = {}): FieldInfo {
  return {id, label, type, path: [id], required: false, systemManaged: false, readOnly: false, ...more}
}

const choice = (id: string, label: string, choices: string[], more: More = {}): FieldInfo =>
  field(id, label, 'choice', {choices, ...more})
const shown = (id: string, label: string, type: FieldType, more: More = {}): FieldInfo =>
  field(id, label, type, {readOnly: true, ...more})
const ofRequester = (name: string, label: string, aliases: string[] = []): FieldInfo =>
  shown(`requester.${name}`, `Requester ${label}`, 'text', {path: ['requester', name], aliases})
const attribute = (id: string, label: string, type: FieldType = 'text', more: More = {}): FieldInfo =>
  field(id, label, type, {path: ['attributes', id], ...more})
/** Milliseconds since 1970. */
const TIMES = [shown('createdAt', 'Created Time', 'number'), shown('updatedAt', 'Updated Time', 'number')]

/** The fields every desk has. The labels and their short forms are those of the vendor's forms and older templates. */
const BUILT_IN: {[module in Module]: FieldInfo[]} = {
  request: [
    shown('id', 'Ticket Id', 'text', {aliases: ['Id', 'Request Id']}),
    field('subject', 'Subject', 'text', {required: true}),
    field('description', 'Description'),
    choice('status', 'Status', STATUSES, {required: true}),
    choice('priority', 'Priority', PRIORITIES, {required: true}),
    field('category', 'Category'),
    choice('impact', 'Impact', IMPACTS),
    choice('urgency', 'Urgency', PRIORITIES),
    field('requester', 'Requester', 'user', {path: ['requester', 'email']}),
    ofRequester('name', 'Name', ['Name']),
    ofRequester('email', 'Email', ['Email']),
    ofRequester('phone', 'Phone', ['Phone', 'Contact Number']),
    ofRequester('department', 'Department', ['Department']),
    ofRequester('location', 'Location'),
    field('assignee', 'Assignee', 'user', {aliases: ['Technician']}),
    field('group', 'Technician Group', 'text', {aliases: ['Group']}),
    field('location', 'Location'),
    ...TIMES,
  ],
  asset: [
    shown('id', 'Asset Id', 'text', {aliases: ['Id']}),
    field('name', 'Name', 'text', {required: true, aliases: ['Asset Name']}),
    field('type', 'Asset Type', 'text', {required: true, aliases: ['Type']}),
    attribute('status', 'Status', 'choice', {choices: ASSET_STATUSES}),
    attribute('serial', 'Serial Number'),
    attribute('manufacturer', 'Manufacturer'),
    attribute('model', 'Model'),
    attribute('hostname', 'Host Name'),
    attribute('ip', 'IP Address'),
    attribute('mac', 'MAC Address'),
    attribute('usedBy', 'Used By', 'user'),
    attribute('department', 'Department'),
    attribute('location', 'Location'),
    attribute('warrantyExpiry', 'Warranty Expiry', 'date'),
    shown('source', 'Source', 'text'),
    shown('nativeKey', 'Source Key', 'text'),
    ...TIMES,
  ],
  user: [
    shown('id', 'User Id', 'text', {aliases: ['Id']}),
    field('name', 'Name', 'text', {required: true}),
    field('email', 'Email'),
    field('phone', 'Phone', 'text', {aliases: ['Contact Number']}),
    field('department', 'Department'),
    field('location', 'Location'),
    field('active', 'Active', 'boolean', {required: true}),
    ...TIMES,
  ],
}

/** Where a module keeps what is no field of its own. */
export const OWN_KEY: {[module in Module]: 'fields' | 'attributes'} = {
  request: 'fields',
  asset: 'attributes',
  user: 'fields',
}

/** All fields of a module, custom ones last, in the order they were made. */
export function composeCatalogue(module: Module, custom: readonly DeskField[]): FieldInfo[] {
  return [...BUILT_IN[module], ...custom.map(describeCustom)]
}

export function describeCustom({id, module, label, type, required, systemManaged, choices}: DeskField): FieldInfo {
  const path = [OWN_KEY[module], label]
  return {id: `cf:${id}`, label, type, path, required, systemManaged, readOnly: false, ...(choices && {choices})}
}

/** The field a caller means by an id, a label or a short form, in this order; several when a label is not unique. */
export function findFields(fields: readonly FieldInfo[], name: string): FieldInfo[] {
  const byId = fields.filter(({id}) => id === name)
  if (byId.length > 0) return byId
  const wanted = name.trim().toLowerCase()
  const byLabel = fields.filter(({label}) => label.toLowerCase() === wanted)
  if (byLabel.length > 0) return byLabel
  return fields.filter(({aliases = []}) => aliases.some(alias => alias.toLowerCase() === wanted))
}
