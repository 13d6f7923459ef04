/** What the contract server keeps, in the vendor's own words. */
export interface ItsmState {
  request: Map<number, VendorRecord>
  asset: Map<number, VendorRecord>
  requester: Map<number, VendorRecord>
  conversations: Map<number, VendorRecord[]>
  /** By refFileName. */
  files: Map<string, {name: string; type: string; data: Buffer}>
  /** Custom fields by module, as the form lists them. */
  forms: {[module in VendorModule]: FormField[]}
}

export type VendorModule = 'request' | 'asset' | 'requester'
export type VendorRecord = {[key: string]: unknown} & {id: number}

export interface FormField {
  id: number
  name: string
  inputType: string
  required: boolean
  systemManaged: boolean
  options?: {value: string}[]
}

export function createState(): ItsmState {
  return {
    request: new Map(),
    asset: new Map(),
    requester: new Map([
      [
        1,
        {
          id: 1,
          name: 'Ann Berg',
          email: 'ann@example.com',
          contactNo: '+49 30 5550101',
          departmentName: 'Sales',
          locationName: 'Berlin',
          isBlock: false,
        },
      ],
    ]),
    conversations: new Map(),
    files: new Map(),
    forms: {
      request: [
        {id: 35, name: 'Phone', inputType: 'TEXT', required: false, systemManaged: false},
        {id: 36, name: 'Floor', inputType: 'NUMBER', required: false, systemManaged: false},
        {id: 37, name: 'Joining date', inputType: 'DATE', required: false, systemManaged: false},
        {id: 38, name: 'Sites', inputType: 'CHECKBOX', required: false, systemManaged: false},
        {
          id: 39,
          name: 'Building',
          inputType: 'DROPDOWN',
          required: false,
          systemManaged: false,
          options: [{value: 'A'}, {value: 'B'}],
        },
        {id: 40, name: 'AD account', inputType: 'TEXT', required: false, systemManaged: true},
        {id: 41, name: 'About you', inputType: 'SECTION', required: false, systemManaged: false},
      ],
      asset: [{id: 50, name: 'Cost center', inputType: 'TEXT', required: false, systemManaged: false}],
      requester: [],
    },
  }
}

export function nextId(records: ReadonlyMap<number, unknown>): number {
  return Math.max(0, ...records.keys()) + 1
}
