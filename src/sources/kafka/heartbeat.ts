/** Keeps the group membership alive while the intake takes its time, and between chunks. */
export class Heartbeat {
  readonly #beat: () => Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #failure: unknown = null;

  constructor(beat: () => Promise<void>, everyMs: number) {
    this.#beat = beat;
    this.#timer = setInterval(() => {
      beat().catch((error: unknown) => {
        this.#failure ??= error;
      });
    }, everyMs);
  }

  /** Throws what a heartbeat has met since the last call, a rebalance above all. */
  async check(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    await this.#beat();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
