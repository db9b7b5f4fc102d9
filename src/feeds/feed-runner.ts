import type { Delivery, DeliveryLog, Feed } from '../contracts.ts';
import { WinnowError } from '../errors.ts';

export interface FeedRunnerOptions {
  readonly feed: Feed;
  readonly log: DeliveryLog;
  /** 0 ≤ x < 1, for the jitter of waits. */
  readonly random: () => number;
  readonly logger: FeedLogger;
  readonly start?: 'earliest' | 'latest';
  readonly retryMsMin?: number;
  readonly retryMsMax?: number;
  readonly pageCountMax?: number;
  readonly pageBytesMax?: number;
}

/** The part of a pino logger that is used. */
export interface FeedLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Revisions by what became of them, since this process started. */
export interface FeedCounts {
  /** Acknowledged by the target. */
  delivered: number;
  /** In a delivery that failed and is tried again; a revision may be in several. */
  retried: number;
  /** Refused by the target for good, and left out. */
  rejected: number;
  /** Deleted by retention before the target had them. */
  expired: number;
}

/** Code of an error that says: the target will never take this content. */
export const DELIVERY_REFUSED = 'WINNOW_DELIVERY_REFUSED';

/** First wait after a failure; a broker that changes its leader is back within a second or two. */
const RETRY_MS_MIN = 500;
/** Longest wait: so soon after a target's return at most does delivery go on. */
const RETRY_MS_MAX = 60_000;
const PAGE_COUNT_MAX = 100;
/** Half of Kafka's default for the size of one batch (message.max.bytes, 1 MiB), for a page may be one batch. */
const PAGE_BYTES_MAX = 512 * 1024;

/**
 * Carries revisions from the store to one target, at least once and in the order of their commits.
 * States: waiting for revisions ⇄ delivering → backing off → delivering …; `stop` ends each of them.
 * Invariant: the cursor moves only behind what the target has acknowledged, or refused for good.
 * A target that is away costs memory for one page and nothing of the worker's time.
 */
export class FeedRunner {
  readonly name: string;
  readonly #options: Required<FeedRunnerOptions>;
  readonly #counts = { delivered: 0, retried: 0, rejected: 0 };
  #expiredAtStart = 0;
  #expiredSaid = 0;
  #failures = 0;
  #problem: WinnowError | null = null;
  /** So many revisions are offered one by one, because together they were refused. */
  #oneByOne = 0;
  #state: 'created' | 'running' | 'draining' | 'stopped' = 'created';
  #wake: () => void = () => undefined;
  #hasNews = true;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: FeedRunnerOptions) {
    this.name = options.feed.name;
    this.#options = {
      start: 'latest',
      retryMsMin: RETRY_MS_MIN,
      retryMsMax: RETRY_MS_MAX,
      pageCountMax: PAGE_COUNT_MAX,
      pageBytesMax: PAGE_BYTES_MAX,
      ...options,
    };
  }

  /** Begins to deliver. The promise rejects when the store can no longer be used, and resolves after `stop`. */
  run(): Promise<void> {
    const running = this.#loop();
    this.#ended = running.catch(() => undefined);
    return running;
  }

  /** Revisions became durable. */
  notify(): void {
    this.#hasNews = true;
    this.#wake();
  }

  /** Delivers what is pending while the target takes it, `deadlineMs` at most, then lets go of it. */
  async stop(deadlineMs: number): Promise<void> {
    if (this.#state === 'running') {
      this.#state = 'draining';
      this.#wake();
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, deadlineMs);
      await Promise.race([this.#ended, promise]);
      clearTimeout(timer);
    }
    this.#state = 'stopped';
    await this.#options.feed.stop();
  }

  get counts(): FeedCounts {
    const expired = this.#options.log.expired(this.name) - this.#expiredAtStart;
    return { ...this.#counts, expired };
  }

  get pending(): number {
    return this.#options.log.pending(this.name);
  }

  /** What keeps revisions from the target, or null while all goes well. */
  get problem(): WinnowError | null {
    return this.#problem;
  }

  async #loop(): Promise<void> {
    const { log, start, pageCountMax, pageBytesMax } = this.#options;
    if (this.#state !== 'created') return;
    log.open(this.name, start);
    this.#expiredAtStart = log.expired(this.name);
    this.#expiredSaid = this.#expiredAtStart;
    this.#state = 'running';
    while (this.#isActive()) {
      this.#hasNews = false;
      this.#sayExpired();
      const page = log.read(this.name, this.#oneByOne > 0 ? 1 : pageCountMax, pageBytesMax);
      if (page.length > 0) await this.#deliver(page);
      else if (this.#isDraining()) return;
      else if (!this.#hasNews) await this.#wait(null);
    }
  }

  async #deliver(page: readonly Delivery[]): Promise<void> {
    try {
      await this.#options.feed.deliver(page);
    } catch (error) {
      if (this.#isActive()) await this.#afterFailure(page, error);
      return;
    }
    // Stopped meanwhile: the store may be closed. The next process delivers them once more.
    if (!this.#isActive()) return;
    this.#counts.delivered += page.length;
    this.#pass(page);
    if (this.#problem !== null)
      this.#options.logger.info({ feed: this.name, failures: this.#failures }, 'feed delivers again');
    this.#problem = null;
    this.#failures = 0;
  }

  #pass(page: readonly Delivery[]): void {
    this.#oneByOne = Math.max(0, this.#oneByOne - page.length);
    this.#options.log.advance(this.name, page.at(-1)!.seq);
  }

  async #afterFailure(page: readonly Delivery[], error: unknown): Promise<void> {
    const failure = asWinnowError(this.name, error);
    if (failure.code === DELIVERY_REFUSED && page.length > 1) {
      this.#oneByOne = page.length;
      return;
    }
    if (failure.code === DELIVERY_REFUSED) return this.#leaveOut(page[0]!, failure);
    this.#counts.retried += page.length;
    this.#failures++;
    if (this.#problem?.message !== failure.message)
      this.#options.logger.warn({ feed: this.name, hint: failure.hint }, failure.message);
    this.#problem = failure;
    // On the way out nobody waits for a target that is away; the cursor knows where to go on.
    if (this.#state === 'draining') this.#state = 'stopped';
    else await this.#wait(this.#backoffMs());
  }

  #leaveOut(delivery: Delivery, failure: WinnowError): void {
    const { windowId, revision } = delivery;
    const fields = { feed: this.name, windowId, revision, hint: failure.hint };
    this.#options.logger.error(fields, `left out for good: ${failure.message}`);
    this.#counts.rejected++;
    this.#pass([delivery]);
  }

  /** Doubles up to its cap; between half of it and all of it, so that feeds of one target do not come all at once. */
  #backoffMs(): number {
    const { retryMsMin, retryMsMax, random } = this.#options;
    const ms = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(this.#failures - 1, 30));
    return ms * (0.5 + random() / 2);
  }

  /** Ends after `ms` or, with null, on news; and in any case on a stop. */
  async #wait(ms: number | null): Promise<void> {
    if (!this.#isActive() || this.#state === 'draining') return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = ms === null ? null : setTimeout(resolve, ms);
    this.#wake = () => {
      if (ms === null || this.#state !== 'running') resolve();
    };
    await promise;
    this.#wake = () => undefined;
    if (timer !== null) clearTimeout(timer);
  }

  #isDraining(): boolean {
    return this.#state === 'draining';
  }

  #isActive(): boolean {
    return this.#state === 'running' || this.#state === 'draining';
  }

  #sayExpired(): void {
    const expired = this.#options.log.expired(this.name);
    if (expired === this.#expiredSaid) return;
    this.#options.logger.error(
      { feed: this.name, revisions: expired - this.#expiredSaid },
      'retention deleted revisions before the feed had delivered them',
    );
    this.#expiredSaid = expired;
  }
}

function asWinnowError(feed: string, error: unknown): WinnowError {
  if (error instanceof WinnowError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new WinnowError('WINNOW_FEED_FAILED', `deliver to feed ${feed}: ${text}`, {
    retryable: true,
    cause: error,
  });
}
