import type { Delivery, Feed } from '../../src/contracts.ts';
import { WinnowError } from '../../src/errors.ts';
import { DELIVERY_REFUSED } from '../../src/feeds/feed-runner.ts';

/** A target of its own that keeps what it is given. */
export class CatchTarget {
  readonly caught: Delivery[] = [];
  readonly pages: number[] = [];
  /** False: every delivery fails. */
  isUp = true;
  /** Revisions that are never taken, by window id. */
  readonly refused = new Set<string>();
  /** Takes a page and fails all the same, so many times: an acknowledgement that got lost. */
  lostAcknowledgements = 0;
  onDeliver: () => Promise<void> = async () => undefined;
}

/** A small real feed: delivers into a `CatchTarget`. */
export class CatchFeed implements Feed {
  readonly name: string;
  readonly #target: CatchTarget;
  readonly #stopping = Promise.withResolvers<never>();

  constructor(target: CatchTarget, name = 'catch') {
    this.name = name;
    this.#target = target;
    this.#stopping.promise.catch(() => undefined);
  }

  async deliver(deliveries: readonly Delivery[]): Promise<void> {
    const target = this.#target;
    target.pages.push(deliveries.length);
    await Promise.race([target.onDeliver(), this.#stopping.promise]);
    if (!target.isUp) throw new WinnowError('WINNOW_TEST_DOWN', 'the target is away', { retryable: true });
    if (deliveries.some(({ windowId }) => target.refused.has(windowId)))
      throw new WinnowError(DELIVERY_REFUSED, 'the target takes no such thing');
    target.caught.push(...deliveries);
    if (target.lostAcknowledgements-- > 0) throw new Error('acknowledgement lost');
  }

  async stop(): Promise<void> {
    this.#stopping.reject(new Error('stopped'));
  }
}
