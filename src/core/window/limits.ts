/** A finding joins a window when its onset is this near to the window's span of onsets (docs/windows.md, join rule). */
export const JOIN_ONSET_MS = 5 * 60_000;

/** A window closes when no finding has joined or renewed for this long, in event time. */
export const QUIET_MS = 30 * 60_000;

/** Shown before the first onset, so that a reader sees what "before" was. */
export const LEAD_MS = 5 * 60_000;

/** Minutes of per-template counts held for all templates: the "before" of findings that do not exist yet. */
export const RING_MINUTES = 20;

/** Counts held per minute of the ring, all services; more are left out and the minute is marked incomplete. */
export const RING_TEMPLATES_MAX = 20_000;

/** Length of a finding's per-minute line. */
export const SERIES_MINUTES = 60;

export const FINDINGS_PER_WINDOW = 32;
export const SERVICES_PER_WINDOW = 32;

/** Templates of an overflow finding that are known by id; its records are counted over these. */
export const MEMBERS_PER_FINDING = 50;

/** Templates of an overflow finding whose records are read in one bucket. */
export const MEMBERS_READ = 3;

export const CHANGES_PER_WINDOW = 12;
export const EXEMPLARS_PER_FINDING = 3;

/** UTF-16 units of one exemplar's body. A stack trace's first frames fit. */
export const EXEMPLAR_CHARS = 1_000;
export const TEMPLATE_CHARS = 400;
export const VALUE_CHARS = 128;
export const PARAMETER_CHARS = 64;

/** Records per finding of which parameters and trace ids are kept (smallest by hash). */
export const SAMPLE_PER_FINDING = 64;
export const PARAMETERS_PER_LINE = 8;
export const INSTANCES_PER_SET = 64;
export const VERSIONS_PER_SET = 8;
export const NAMES_PER_FINDING = 16;

/** Trace ids and UUIDs by which findings are linked. */
export const LINKS_PER_RECORD = 8;
export const LINKS_PER_FINDING = 64;

/** Attribute pairs counted per finding and per service; later ones are left out, which can only hide a lift. */
export const PAIRS_MAX = 256;
export const ATTRIBUTES_PER_RECORD = 32;

/** Samples are decoded for this long after a finding or service joined; afterwards only counts go on. */
export const SAMPLING_MS = 5 * 60_000;

/** Records decoded per service and bucket as the comparison for attribute lift: one each of the busiest templates. */
export const COMPARISON_PER_BUCKET = 48;

/** Windows named as open at the same time: their first onsets are this near. */
export const ALSO_OPEN_MS = 10 * 60_000;
export const ALSO_OPEN = 3;

export const OPEN_WINDOWS_PER_TENANT = 50;

/** Windows open over all tenants, about 25 kB of state each; one more closes the one that was quiet longest. */
export const OPEN_WINDOWS_MAX = 1_000;

/** Tenants whose hour, episodes and changes are remembered; one more forgets the one that wrote longest ago. */
export const TENANTS_MAX = 10_000;

/** More windows than this from one bucket, and they are one storm. */
export const STORM_GROUPS = 8;

/** New windows per tenant and hour of event time. A budget of 10 false alarms a day leaves this far behind. */
export const WINDOWS_PER_HOUR = 30;

/** Bytes of all revisions per tenant and hour of event time. */
export const BYTES_PER_HOUR = 1_000_000;

/** All revisions together stay below 1/500 of the bytes read; revisions that can wait do, once the ledger is spent. */
export const INPUT_BYTES_PER_OUTPUT_BYTE = 500;

/** Head start of that ledger, so that a short input can be described at all. */
export const OUTPUT_ALLOWANCE_BYTES = 48_000;

/** First wait between two revisions that are not urgent; doubles with each revision up to the maximum. */
export const REVISION_GAP_MS = 60_000;
export const REVISION_GAP_MAX_MS = 15 * 60_000;

/** Revisions of one window that may be urgent (worse severity, another service); later ones wait like the rest. */
export const URGENT_REVISIONS = 4;

export const EPISODES_PER_TENANT = 256;
export const RECENT_CHANGES_PER_TENANT = 64;

/** A change this long before the first onset is still shown. */
export const CHANGE_LOOKBACK_MS = 60 * 60_000;

/** A change in a service without a finding is shown when it is this near before the first onset. */
export const OTHER_CHANGE_LOOKBACK_MS = 10 * 60_000;
export const OTHER_CHANGES = 3;

/** Service keys counted beyond `SERVICES_PER_WINDOW`. */
export const OVER_SERVICES_MAX = 2_048;

/** Findings of one tenant and bucket that are compared with each other; with more, the bucket is one storm. */
export const CANDIDATES_MAX = 256;

/** Pairs of services known to handle the same requests, all tenants; a pair is forgotten after a day without a trace. */
export const NEIGHBOURS_MAX = 20_000;
export const NEIGHBOUR_MEMORY_MS = 24 * 60 * 60_000;

/** Minutes with a common trace before two services are believed to serve the same requests. */
export const NEIGHBOUR_TRACES_MIN = 3;

/** Templates per service whose samples are read for traces, once a minute, and services taken from one trace. */
export const NEIGHBOUR_TEMPLATES = 8;
export const SERVICES_PER_TRACE = 16;

/** A window looks again at services it touches for this long after its first revision … */
export const SECOND_LOOK_MS = 5 * 60_000;

/** … at what began up to this long before its first onset … */
export const SECOND_LOOK_BEFORE_MS = 3 * 60_000;

/** … in at most so many services. */
export const SECOND_LOOK_SERVICES = 64;

/** Traffic is told as it was within this time of the latest onset: what it is when a window closes is another matter. */
export const TRAFFIC_MS = 5 * 60_000;

/** What closed windows told is remembered for this long: incidents come back within weeks (docs/window.md). */
export const PAST_MS = 45 * 24 * 60 * 60_000;
export const PAST_WINDOWS_PER_TENANT = 256;
export const PAST_WINDOWS_MAX = 4_096;

/** Past windows shown as similar, and the least share of common findings. */
export const SIMILAR_SHOWN = 2;
export const SIMILAR_MIN = 0.3;
