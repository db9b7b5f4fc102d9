import type { StateRow } from '../../contracts.ts';
import { compareText } from './format.ts';
import {
  decodeState,
  encodeState,
  type OpenWindow,
  type Samples,
  type TrackedFinding,
  type WindowService,
} from './state.ts';

const WINDOWS = 'window_open';
const SAMPLES = 'window_samples';

/** A window as it is in its row: samples are in rows of their own. */
interface StoredWindow extends Omit<OpenWindow, 'findings' | 'services'> {
  readonly findings: readonly Omit<TrackedFinding, 'samples'>[];
  readonly services: readonly Omit<WindowService, 'samples'>[];
}

/**
 * Rows of open windows, those that changed. A window's own row is written in every bucket, as counts go on; samples, which
 * are most of it, in rows by finding and service, which are written only when they changed.
 */
export class OpenRows {
  /** By id. */
  readonly #changed = new Map<string, OpenWindow>();
  /** Of windows that were closed. A window that opened since may have the same id. */
  #deleted: StateRow[] = [];

  changed(window: OpenWindow): void {
    this.#changed.set(window.windowId, window);
  }

  closed(window: OpenWindow): void {
    this.#changed.delete(window.windowId);
    this.#deleted.push({ table: WINDOWS, key: window.windowId, value: null });
    for (const key of samplesOf(window).keys()) this.#deleted.push({ table: SAMPLES, key, value: null });
  }

  takeChanges(): StateRow[] {
    const rows = this.#deleted;
    const windows = [...this.#changed.values()].sort((a, b) => compareText(a.windowId, b.windowId));
    for (const window of windows) {
      rows.push({ table: WINDOWS, key: window.windowId, value: encodeState(withoutSamples(window)) });
      for (const [key, samples] of samplesOf(window)) {
        if (!samples.isChanged) continue;
        samples.isChanged = false;
        rows.push({ table: SAMPLES, key, value: encodeState(samples) });
      }
    }
    this.#changed.clear();
    this.#deleted = [];
    return rows;
  }
}

/** The windows in the rows, which may come in any order; sorted by id. */
export function windowsIn(rows: readonly StateRow[]): OpenWindow[] {
  const samples = new Map<string, string>();
  for (const { table, key, value } of rows) if (table === SAMPLES) samples.set(key, value!);
  const windows = rows.filter(({ table }) => table === WINDOWS);
  return windows
    .map(({ value }) => withSamples(decodeState<StoredWindow>(value!), samples))
    .sort((a, b) => compareText(a.windowId, b.windowId));
}

function withoutSamples(window: OpenWindow): StoredWindow {
  return {
    ...window,
    findings: window.findings.map(({ samples, ...finding }) => finding),
    services: window.services.map(({ samples, ...service }) => service),
  };
}

function withSamples(window: StoredWindow, rows: ReadonlyMap<string, string>): OpenWindow {
  const { windowId } = window;
  return {
    ...window,
    findings: window.findings.map((finding) => {
      return { ...finding, samples: decodeState(rows.get(findingKey(windowId, finding.ref))!) };
    }),
    services: window.services.map((service, place) => {
      return { ...service, samples: decodeState(rows.get(serviceKey(windowId, place))!) };
    }),
  };
}

/** By key of row. */
function samplesOf({ windowId, findings, services }: OpenWindow): Map<string, Samples> {
  const samples = new Map<string, Samples>();
  for (const finding of findings) samples.set(findingKey(windowId, finding.ref), finding.samples);
  services.forEach((service, place) => {
    samples.set(serviceKey(windowId, place), service.samples);
  });
  return samples;
}

function findingKey(windowId: string, ref: string): string {
  return `${windowId}/finding/${ref}`;
}

/** By its place, which it keeps: services join a window, none leaves it. */
function serviceKey(windowId: string, place: number): string {
  return `${windowId}/service/${place}`;
}
