// Everything the miner may hold, and what happens beyond.

/** Templates of one service. Beyond, those unused for longest (by bucket hour, then id) are evicted, with a change each. */
export const TEMPLATES_PER_SERVICE = 20_000;

/** Signatures of one service with a known template. Beyond, those unused for longest are forgotten; they are learnt anew. */
export const SIGNATURES_PER_SERVICE = 50_000;

/** Signatures of one template, likewise: a name that never repeats must not push out what does. */
export const SIGNATURES_PER_TEMPLATE = 4_096;

/** Signatures of all services; beyond, the services with the most forget first. Some 30 bytes each. */
export const SIGNATURES_IN_ALL = 1_000_000;

/**
 * Templates of all services. Beyond, the services with the most give theirs up first, so that the others stay whole. It
 * bounds the number of services too: one without templates is dropped.
 */
export const TEMPLATES_IN_ALL = 200_000;

/** Share kept when a cap is met, so that eviction is rare and not a step of every bucket. */
export const KEPT_SHARE = 0.9;

/** Templates of the same skeleton that a new form is compared with: the youngest. Far more than evidence ever asks for. */
export const COMPARED_MAX = 512;

/** Words looked at in those comparisons; long forms are compared with fewer templates, so that each costs the same. */
export const COMPARED_WORDS_MAX = 8_192;

/** Merged ids remembered by one template, the oldest forgotten first. */
export const ALIASES_MAX = 256;

/** Second, white-space-level keys held by one template. */
export const WIDE_KEYS_MAX = 8;

/** Elements of one form; a longer line is learnt by its first ones (its signature still covers all). */
export const FORM_ELEMENTS_MAX = 512;

/** Characters of constants in one form, likewise (twice that in the full one): a template takes 25 KB at worst. */
export const FORM_TEXT_MAX = 2_048;

/** Bytes of one constant; a longer word is data, and a slot in the template. */
export const ELEMENT_BYTES_MAX = 1_024;

/** Times a template's tokens are checked against lines of further buckets. The first lines show nearly every variant. */
export const SHAPE_CHECKS = 16;

/** Lines kept as sample of one template and bucket. */
export const SAMPLE_MAX = 8;

/** Instances named per template and bucket; more are marked censored. */
export const INSTANCES_MAX = 64;

/** Bytes of a template's first line that are kept, for the scanner after the next change of its rules. */
export const EXEMPLAR_BYTES_MAX = 512;

/** Hours of event time after a change of the scanner in which new templates are candidates: a day shows what is daily. */
export const SILENT_HOURS = 24;
