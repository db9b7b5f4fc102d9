import type { Terminal } from './terminal.ts';

const REDRAW_MS = 100;
const LINE_MS = 10_000;

/** Progress of long work on stderr: one line redrawn on a terminal, a line every ten seconds elsewhere. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #label: string;
  readonly #startedMs = performance.now();
  #shownMs: number;
  #isDrawn = false;

  constructor(terminal: Terminal, label: string) {
    this.#terminal = terminal;
    this.#label = label;
    this.#shownMs = this.#startedMs;
  }

  /** `share` is 0…1, or null when the end is not known. */
  update(share: number | null, detail: string): void {
    const now = performance.now();
    if (now - this.#shownMs < (this.#terminal.isErrTerminal ? REDRAW_MS : LINE_MS)) return;
    this.#shownMs = now;
    const percent = share === null ? '' : ` ${Math.min(100, Math.floor(share * 100))} %`;
    const line = `${this.#label}${percent} · ${detail} · ${this.elapsed}`;
    this.#terminal.err(this.#terminal.isErrTerminal ? `\r\u001b[2K${line}` : `${line}\n`);
    this.#isDrawn = this.#terminal.isErrTerminal;
  }

  /** Clears the line that was drawn. */
  end(): void {
    if (this.#isDrawn) this.#terminal.err('\r\u001b[2K');
    this.#isDrawn = false;
  }

  get elapsed(): string {
    return `${((performance.now() - this.#startedMs) / 1_000).toFixed(1)} s`;
  }
}

/** 1234567 → 1,234,567. */
export function grouped(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}
