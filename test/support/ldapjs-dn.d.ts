/** The part of @ldapjs/dn that the tests use; the package has no types of its own. */
declare module '@ldapjs/dn' {
  interface Rdn {
    size: number
    getValue(name: string): string
  }
  export class DN {
    static fromString(text: string): DN
    get length(): number
    rdnAt(index: number): Rdn
  }
}
