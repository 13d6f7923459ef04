import {Counter, collectDefaultMetrics, Gauge, Histogram, Registry} from 'prom-client'
import type {ExecutionStatus, PluginSummary} from './types.ts'

/** Everything the server counts; names, labels and meaning are listed in docs/operations.md. */
export interface Metrics {
  countReady(plugin: string, readyMs: number): void
  countRestart(plugin: string, reason: string): void
  countSwap(plugin: string, result: string): void
  countExecution(plugin: string, action: string, status: ExecutionStatus, durationMs: number): void
  render(): Promise<{type: string; text: string}>
}

/** Gauges are read when they are asked for, so that nothing has to keep them up to date. */
export function createMetrics(
  listPlugins: () => PluginSummary[],
  droppedLines: () => ReadonlyMap<string, number>,
  findQueue: () => {size: number; oldestAgeMs(): number},
  countSyncedCommits: () => number,
): Metrics {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  collectDefaultMetrics({register: registry, prefix: 'plugin_host_'})
  const plugin = ['plugin']

  const starts = new Counter({
    name: 'plugin_host_process_starts_total',
    help: 'Processes that got ready',
    labelNames: plugin,
    registers,
  })
  const ready = new Histogram({
    name: 'plugin_host_process_ready_seconds',
    help: 'From spawn to ready',
    labelNames: plugin,
    buckets: [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const restarts = new Counter({
    name: 'plugin_host_process_exits_total',
    help: 'Processes that ended unasked, by reason',
    labelNames: ['plugin', 'reason'],
    registers,
  })
  const swaps = new Counter({
    name: 'plugin_host_swaps_total',
    help: 'Hot swaps by result',
    labelNames: ['plugin', 'result'],
    registers,
  })
  const executions = new Counter({
    name: 'plugin_host_executions_total',
    help: 'Executions by outcome',
    labelNames: ['plugin', 'action', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'plugin_host_execution_seconds',
    help: 'Duration of executions',
    labelNames: ['plugin', 'action'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  })

  function gauge(name: string, help: string, read: (summary: PluginSummary) => number | undefined): void {
    new Gauge({
      name,
      help,
      labelNames: plugin,
      registers,
      collect() {
        this.reset()
        for (const summary of listPlugins()) {
          const value = read(summary)
          if (value !== undefined) this.set({plugin: summary.id}, value)
        }
      },
    })
  }
  gauge('plugin_host_running', '1 while a process takes calls', summary => (summary.state.name === 'running' ? 1 : 0))
  gauge('plugin_host_calls_in_flight', 'Calls sent and not answered', summary => summary.process?.inFlight)
  gauge('plugin_host_calls_queued', 'Calls waiting for their turn', summary => summary.queued)
  gauge('plugin_host_process_resident_bytes', 'Resident memory of the process', summary => summary.process?.rssBytes)
  gauge('plugin_host_process_loop_lag_seconds', 'How long a ping waited for the event loop', summary =>
    summary.process ? summary.process.lagMs / 1000 : undefined,
  )
  gauge('plugin_host_log_lines_dropped', 'Log lines over the rate', summary => droppedLines().get(summary.id) ?? 0)

  new Gauge({
    name: 'plugin_host_executions_waiting',
    help: 'Accepted executions that wait for their turn',
    registers,
    collect() {
      this.set(findQueue().size)
    },
  })
  new Gauge({
    name: 'plugin_host_executions_waiting_oldest_seconds',
    help: 'How long the oldest of them has waited',
    registers,
    collect() {
      this.set(findQueue().oldestAgeMs() / 1000)
    },
  })

  new Counter({
    name: 'plugin_host_store_synced_commits_total',
    help: 'Transactions synced to the disk',
    registers,
    collect() {
      this.reset()
      this.inc(countSyncedCommits())
    },
  })

  // Finding the series by its labels costs more than counting: it is kept.
  const series = new Map<string, {count: Counter.Internal; time: Histogram.Internal<string>}>()
  function findSeries(
    id: string,
    action: string,
    status: string,
  ): {count: Counter.Internal; time: Histogram.Internal<string>} {
    const key = `${id}\n${action}\n${status}`
    const known = series.get(key) ?? {count: executions.labels(id, action, status), time: durations.labels(id, action)}
    series.set(key, known)
    return known
  }

  return {
    countReady(id, readyMs) {
      starts.inc({plugin: id})
      ready.observe({plugin: id}, readyMs / 1000)
    },
    countRestart: (id, reason) => restarts.inc({plugin: id, reason}),
    countSwap: (id, result) => swaps.inc({plugin: id, result}),
    countExecution(id, action, status, durationMs) {
      const {count, time} = findSeries(id, action, status)
      count.inc()
      time.observe(durationMs / 1000)
    },
    render: async () => ({type: registry.contentType, text: await registry.metrics()}),
  }
}
