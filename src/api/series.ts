import { Counter, Gauge, type Registry } from 'prom-client';

export interface Series {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
}

/** Sets every value of a metric; label values in the order of the label names. */
export type Fill = (set: (labels: string[], value: number) => void) => void;

/** A counter whose values are copied from plain numbers at scrape. */
export function addCounter(registry: Registry, { name, help, labelNames }: Series, fill: Fill): void {
  new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      fill((labels, value) => this.inc(labelled(labelNames, labels), value));
    },
  });
}

/** The same for a gauge. */
export function addGauge(registry: Registry, { name, help, labelNames }: Series, fill: Fill): void {
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      fill((labels, value) => this.set(labelled(labelNames, labels), value));
    },
  });
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  names.forEach((name, i) => {
    labels[name] = values[i] ?? '';
  });
  return labels;
}
