// What is where in the head of a row. Only constants: hot files make them their own.

/**
 * The head of a row is as large as a cache line: 16 words of `head`, which are 8 doubles of `numbers` and 64 `bytes`. A
 * record of a known signature that is not kept touches nothing else but its instance's count, and of the head what is in
 * front of EXEMPLAR.
 */
export const HEAD_WORDS = 16;
export const HEAD_NUMBERS: number = HEAD_WORDS / 2;
export const HEAD_BYTES: number = HEAD_WORDS * 4;
/** Words of a head. Hashes are int32. */
export const LOW = 0;
export const HIGH = 1;
/** Severity class of a service version: series × 5 + class. */
export const GROUP = 2;
/** At most `ROW_RECORDS_MAX`. */
export const RECORDS = 3;
/** Doubles of a head. */
export const FIRST_MS = 2;
export const LAST_MS = 3;
/**
 * Words again. The key of the sample's first record, the one that the next better record replaces; KEY_MAX until the sample
 * is full.
 */
export const WORST_KEY = 8;
/** The block of its instances. */
export const BLOCK = 9;
/** Bytes of a head: records in the sample; instances in the set; the place among them of the one counted last. */
export const SAMPLES = 40;
export const INSTANCES = 41;
export const LAST_INSTANCE = 42;
/** 1 = there were more instances. */
export const IS_CENSORED = 43;
/** Of a record in the sample that is larger, as many units are noted: what a byte holds. */
export const SAMPLE_UNITS_MAX = 255;
/** Words: the kept record that is the exemplar, which may be one of the sample, and those of the sample. */
export const EXEMPLAR = 11;
export const SAMPLE = 12;
