/** Length of a bucket of event time. The unit in which records are counted; rate tests sum several. */
export const BUCKET_STEP_MS = 10_000;

/** How far behind its own partition's earlier maximum a record may be before it is late (`L` in the docs). */
export const LATENESS_MS = 5_000;

/** Records kept per signature and open bucket (bottom k by hash), besides the exemplar. */
export const SAMPLE_SIZE = 4;

/** A bucket that closes with more rows hands over one sample a row. Judged at its close: what it held meanwhile depends on order. */
export const SAMPLE_ROWS_FULL = 16_384;

/** Bytes of one kept record; a longer one is cut and marked. */
export const KEPT_BYTES = 2_048;

/** Instances known by name per row (the k smallest by hash, counts exact); more are marked censored. */
export const INSTANCE_SLOTS = 16;

/** Signatures of one service version, severity class and bucket; the smallest by hash stay, the rest is censored. */
export const SIGNATURES_PER_SERIES = 2_048;

/** Records of one row: what a word holds. More, which only a clock that stands still can bring, are censored. */
export const ROW_RECORDS_MAX = 2_147_483_647;

/** Rows of one bucket per severity class. Separate budgets: a lower class never displaces a higher one. */
export const ROWS_PER_CLASS: readonly [number, number, number, number, number] = [
  16_384, 16_384, 8_192, 8_192, 4_096,
];

/** How far over its cap a table may grow while its bucket is open, so that cutting is rare; closing makes the cap exact. */
export const CAP_SLACK = 1.25;

/** Instances of a service version named per bucket, and names known to one bucket: the smallest by hash. */
export const SERIES_INSTANCES_MAX = 256;
export const INSTANCE_NAMES_MAX = 32_768;

/**
 * Distinct (service, version) pairs in one bucket; records of further pairs are dropped as `overflow`. This cap and the
 * next admit by order of arrival: they stand against hostile input, far above what any system writes.
 */
export const SERIES_PER_BUCKET = 16_384;

/** Buckets open at once; a record that would need one more is dropped as `overflow`. */
export const OPEN_BUCKETS_MAX = 4_096;

/** A record this far before its reference time (Kafka timestamp, observed or arrival) is out of range. */
export const PAST_MAX_MS = 7 * 86_400_000;

/** A record this far after its reference time is out of range: clocks do not run this far ahead. */
export const FUTURE_MAX_MS = 10 * 60_000;

/** Partitions whose maximum is this far ahead of the slowest are held back, so that open buckets stay few. */
export const AHEAD_MAX_MS = 60_000;
