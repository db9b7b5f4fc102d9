import { bodyText } from './record.ts';
import type { Simulation } from './simulate.ts';

/** Classic log lines in time order, `2026-11-21T02:39:12.031Z ERROR payments[pod] text`; a trace's lines follow bare. */
export function* toText(simulation: Simulation): Generator<string, void, undefined> {
  for (const records of simulation.seconds()) {
    for (const record of records) {
      const body = bodyText(record.body);
      if (!record.hasTime) {
        yield body;
        continue;
      }
      const time = new Date(Math.floor(record.timeMs)).toISOString();
      const level = record.hasSeverity ? `${record.severity} ` : '';
      yield `${time} ${level}${record.pod.service}[${record.pod.name}] ${body}`;
    }
  }
}
