// Where things are in the kernel's memory, in bytes. Both sides read this file: the host as TypeScript, the kernel as
// AssemblyScript, so it holds constants only.

/**
 * Bytes of a line that are read; what lies behind does not count towards its signature. Long enough for a whole stack
 * trace or a JSON document of ordinary size, short enough that one record costs at most some 100 µs.
 */
export const LINE_BYTES_MAX = 16384;

/** Tables, which the host writes once. */
export const CLASS_TABLE = 1024;
export const MARK_TABLE = 1536;
export const LOW_TABLE = 1792;
export const HIGH_TABLE = 1808;
export const LENGTH_TABLE = 1824;
export const HEAD_TABLE = 1856;
export const TAIL_TABLE = 1984;
export const UUID_TEXT = 2112;
export const UNIT_COUNT = 2156;
export const UNIT_TABLE = 2160;

/** Bits of the table of marks: next to such a byte a word means the same, whatever its digits are. */
export const FREE_BEFORE = 1;
export const FREE_BEHIND = 2;
export const ENDS_URL = 4;
export const HEX = 8;

/** The line in hand, with room around it: sixteen bytes are read at once. */
export const LINE = 4096;
/** Its canonical form, followed by zeros. */
export const CANONICAL = 24576;
/** Where each value of a traced line is: four arrays of int32, addresses in the line, places in the canonical one. */
export const VALUES_MAX = 16384;
export const LINE_FROM = 65536;
export const LINE_TO = 131072;
export const FROM = 196608;
export const TO = 262144;

/**
 * LogRecords that were skimmed, a cache line each. Int32, places in the message: of the whole record, of its body's text, of
 * its trace id (-1 = none), of the name of its severity, of the name of its event; its severity number; what is known of the
 * body; the hash of the trace id. Doubles, milliseconds, NaN = not set: when it happened, when it was observed.
 */
export const SKIMMED = 327680;
export const SKIMMED_MAX = 64;
export const RECORD_BYTES = 64;
export const RECORD_FROM = 0;
export const RECORD_TO = 4;
export const BODY_FROM = 8;
export const BODY_TO = 12;
export const TRACE_ID = 16;
export const SEVERITY = 20;
export const SEVERITY_TEXT_FROM = 24;
export const SEVERITY_TEXT_TO = 28;
export const TIME = 32;
export const OBSERVED_TIME = 40;
export const EVENT_FROM = 48;
export const EVENT_TO = 52;
export const BODY_KNOWN = 56;
export const TRACE_HASH = 60;

/**
 * Places of known lines, an int32 each: where it is, and bits of its hash. Room for twice `KNOWN_MAX`, up to which their
 * number doubles with the lines: at least twice as many, so that a search is short. A place is small and a line in one piece,
 * because with many lines each is a miss of the cache.
 */
export const PLACE_TABLE = 524288;
export const KNOWN_MAX = 32768;
/** Known lines: length, halves of the signature, kind, an int32 each, then the text. They begin at steps of so many bytes. */
export const KNOWN = 786432;
export const KNOWN_STEP = 16;
export const KNOWN_LENGTH = 0;
export const KNOWN_HIGH = 4;
export const KNOWN_LOW = 8;
export const KNOWN_KIND = 12;
export const KNOWN_TEXT = 16;
/** Of all of them. Ordinary lines are some hundred bytes, so that neither limit waits for the other. */
export const KNOWN_BYTES = 8388608;
/** A line longer than this is not remembered: few are alike, and one would take the place of many. */
export const KNOWN_LINE_MAX = 4096;

/** The message in hand, whose lines are read where they are: room for twice the greatest that a broker takes by default. */
export const MESSAGE = 9175040;
export const MESSAGE_BYTES_MAX = 2097152;

/** Of the whole memory: pages of 64 KiB, as many as there ever are. Sixteen bytes are read at once: some room is behind it. */
export const PAGES = 173;
