import type {JsonObject} from '../../runtime/protocol.ts'
import type {DeskAsset} from '../store/desk-assets.ts'
import {SAMPLE_PEOPLE} from './sample-people.ts'

type Asset = Omit<DeskAsset, 'id' | 'createdAt' | 'updatedAt'>

interface Kind {
  type: string
  count: number
  prefix: string
  manufacturer: string
  models: string[]
  /** First three bytes of its network addresses. */
  vendorMac: string
  /** Third byte of its addresses; null for what is on no network. */
  subnet: number | null
  personal: boolean
}

const KINDS: Kind[] = [
  {
    type: 'laptop',
    count: 26,
    prefix: 'NB',
    manufacturer: 'Lenovo',
    models: ['ThinkPad T14 Gen 5', 'ThinkPad X1 Carbon Gen 12'],
    vendorMac: '00:09:2d',
    subnet: 20,
    personal: true,
  },
  {
    type: 'printer',
    count: 12,
    prefix: 'PR',
    manufacturer: 'HP',
    models: ['LaserJet Pro 4002', 'Color LaserJet 6701'],
    vendorMac: '00:17:a4',
    subnet: 30,
    personal: false,
  },
  {
    type: 'switch',
    count: 8,
    prefix: 'SW',
    manufacturer: 'Cisco',
    models: ['Catalyst 9300-48P', 'Catalyst 9200-24T'],
    vendorMac: '00:1b:0c',
    subnet: 1,
    personal: false,
  },
  {
    type: 'monitor',
    count: 14,
    prefix: 'MO',
    manufacturer: 'Dell',
    models: ['U2724D', 'P2425H'],
    vendorMac: '',
    subnet: null,
    personal: true,
  },
]
const LOCATIONS = ['Berlin', 'Munich', 'Hamburg']
const STATUSES = [
  'in use',
  'in use',
  'in use',
  'in use',
  'in stock',
  'in use',
  'in use',
  'in transit',
  'in use',
  'retired',
]

/** 60 assets, the same every time. */
export const SAMPLE_ASSETS: Asset[] = KINDS.flatMap(kind =>
  Array.from({length: kind.count}, (_, index) => describeAsset(kind, index)),
)

function describeAsset(kind: Kind, index: number): Asset {
  const {type, prefix, manufacturer, models, subnet, personal} = kind
  const number = String(index + 1).padStart(3, '0')
  const status = STATUSES[(index + prefix.length) % STATUSES.length] ?? 'in use'
  const owner = personal && status === 'in use' ? SAMPLE_PEOPLE[index % SAMPLE_PEOPLE.length] : undefined
  const location = owner?.location ?? LOCATIONS[index % LOCATIONS.length] ?? ''
  const name = `${prefix}-${location.slice(0, 3).toUpperCase()}-${number}`
  return {
    name,
    type,
    source: null,
    nativeKey: null,
    attributes: {
      status,
      manufacturer,
      model: models[index % models.length] ?? '',
      serial: composeSerial(prefix, index),
      location,
      warrantyExpiry: `${2027 + (index % 4)}-${String((index % 12) + 1).padStart(2, '0')}-28`,
      'Cost center': `CC-${4000 + (index % 7) * 10}`,
      ...(owner && {usedBy: owner.email, department: owner.department}),
      ...(subnet !== null && describeNetwork(kind, subnet, index, name)),
    },
  }
}

function describeNetwork({vendorMac}: Kind, subnet: number, index: number, name: string): JsonObject {
  const tail = [subnet, (index * 37) % 256, (index * 101 + 7) % 256]
  const mac = [vendorMac, ...tail.map(byte => byte.toString(16).padStart(2, '0'))].join(':')
  return {hostname: `${name.toLowerCase()}.example.com`, ip: `10.10.${subnet}.${index + 10}`, mac}
}

/** Letters and digits without a pattern that a person would see; unique, as 7919 is a prime. */
function composeSerial(prefix: string, index: number): string {
  const code = (36 ** 5 + (index + 1) * 7919 * 977) % 36 ** 6
  return `${prefix}${code.toString(36).toUpperCase().padStart(6, '0')}`
}
