import type { PartitionPosition } from '../../contracts.ts';
import type { KafkaStart } from './options.ts';

/** The offsets that a partition holds: `low` is its first, `high` the one its next message will get. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export interface StartOffset {
  readonly offset: number;
  /** What has to be said aloud: messages are gone, or the partition is not the one the position was taken from. */
  readonly warning: string | null;
  /** Messages that are gone unread, as far as offsets tell. */
  readonly lost: number;
}

/** Where to read from. `known` wins; a partition nobody has read starts by `start`, or at its beginning if it is `fresh`. */
export function chooseStart(
  known: PartitionPosition | null,
  bounds: Bounds,
  fresh: boolean,
  start: KafkaStart,
  offsetAtTime: number,
): StartOffset {
  if (known === null) {
    if (fresh || start === 'earliest') return { offset: bounds.low, warning: null, lost: 0 };
    if (start === 'latest') return { offset: bounds.high, warning: null, lost: 0 };
    return { offset: Math.max(bounds.low, Math.min(offsetAtTime, bounds.high)), warning: null, lost: 0 };
  }
  return clampStart(known.resumeAt, bounds);
}

/** Keeps a position inside what the partition still holds, and says so when it had to be moved. */
export function clampStart(offset: number, bounds: Bounds): StartOffset {
  if (offset < bounds.low) {
    const lost = bounds.low - offset;
    const warning = `${lost} messages were deleted at the broker before they were read`;
    return { offset: bounds.low, warning, lost };
  }
  if (offset > bounds.high) {
    const warning = `the partition ends at ${bounds.high}, before the stored position ${offset}: it was made anew or cut; reading it from its beginning`;
    return { offset: bounds.low, warning, lost: 0 };
  }
  return { offset, warning: null, lost: 0 };
}
