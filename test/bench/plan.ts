/** How much is measured. Times in milliseconds. */
export interface Plan {
  calls: {rounds: number; ms: number}
  starts: number
  http: {rounds: number; warmUps: number; seconds: number; connections: number}
  async: {rounds: number; warmUps: number; executions: number; connections: number}
  swap: {pressSeconds: number; swaps: number; everyMs: number; connections: number; share: number}
  memory: {rounds: number; calls: number}
}

export const FULL: Plan = {
  calls: {rounds: 7, ms: 350},
  starts: 40,
  http: {rounds: 9, warmUps: 3, seconds: 2, connections: 32},
  async: {rounds: 5, warmUps: 1, executions: 4000, connections: 64},
  swap: {pressSeconds: 4, swaps: 20, everyMs: 500, connections: 32, share: 0.5},
  memory: {rounds: 5, calls: 20_000},
}

/** Shows that everything works; its figures mean nothing. */
export const QUICK: Plan = {
  calls: {rounds: 1, ms: 20},
  starts: 1,
  http: {rounds: 1, warmUps: 0, seconds: 1, connections: 4},
  async: {rounds: 1, warmUps: 0, executions: 100, connections: 64},
  swap: {pressSeconds: 1, swaps: 1, everyMs: 200, connections: 4, share: 0.1},
  memory: {rounds: 1, calls: 100},
}
