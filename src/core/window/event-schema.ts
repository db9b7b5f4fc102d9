import { z } from 'zod';

// The published shape of a window. The JSON Schema (proto/winnow/v1/window.schema.json) is generated from it, and the
// types of the code that builds and renders windows are inferred from it. Absent = not known; never 0 or null instead.

const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
const count = z.int().min(0);
const kind = z.enum(['new', 'rare', 'spike', 'drop', 'silence', 'shift']);
const severity = z.enum(['debug', 'info', 'warn', 'error', 'fatal']);
const scalar = z.union([z.string(), z.number()]);
/** `n` of `of` records were looked at. */
const sampled = z.strictObject({ n: count, of: count });

const serviceSchema = z.strictObject({
  'service.name': z.string(),
  'service.namespace': z.string().optional(),
  'service.version': z.string().optional(),
  previous_version: z.string().optional(),
  version_changed_at: time.optional(),
  instances: count.optional(),
  instances_affected: count.optional(),
  /** True: `instances` and `instances_affected` are lower bounds. */
  instances_censored: z.boolean().optional(),
  /** Traffic over its baseline at the last revision within five minutes of the latest onset; 1 = as usual. */
  traffic_index: z.number().optional(),
  records: count,
  /** Counting began here, later than `time.start`. */
  records_from: time.optional(),
  quarantined: z.boolean().optional(),
});

const countSchema = z.strictObject({
  /** Records from `time.start` (or `from`) on. */
  window: count,
  window_s: z.number(),
  from: time.optional(),
  baseline_per_min: z.number().optional(),
  /** Records in the bucket or buckets that raised the finding, against what was expected in them. */
  observed: count.optional(),
  expected: z.number().optional(),
  expected_p99: z.number().optional(),
  ratio: z.number().optional(),
  first_seen_ever: z.boolean().optional(),
  /** Seconds from the first record of the service to the onset, as known when the finding was raised. */
  baseline_s: count.optional(),
  /** Minutes from `per_min_from`; null = nothing is known about that minute. */
  per_min: z.array(count.nullable()).optional(),
  per_min_from: time.optional(),
  /** The last minute is not over: only so many seconds of it are counted. */
  per_min_last_s: count.optional(),
  by_version: z.record(z.string(), count).optional(),
  instances: z.strictObject({ affected: count, known: count, censored: z.boolean().optional() }).optional(),
  /** Versions and instances were counted from here on. */
  tracked_from: time.optional(),
  /** True: some records found no room in the tables, so the counts are lower bounds. */
  censored: z.boolean().optional(),
  /** Templates an overflow finding stands for. */
  members: count.optional(),
});

const testSchema = z.strictObject({
  method: z.string(),
  bits: z.number().optional(),
  threshold_bits: z.number().optional(),
  log10_p: z.number().optional(),
  log10_p_capped: z.boolean().optional(),
  log10_alpha: z.number().optional(),
  dispersion: z.number().optional(),
  statistic: z.number().optional(),
  threshold: z.number().optional(),
  explain: z.string().optional(),
});

const paramSchema = z.strictObject({
  name: z.string(),
  type: z.string().optional(),
  distinct: count.optional(),
  /** [value, sampled records], most frequent first. */
  values: z.array(z.tuple([scalar, count])).optional(),
  p50: z.number().optional(),
  p99: z.number().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
});

const exemplarSchema = z.strictObject({
  ref: z.string().regex(/^E\d+$/),
  /** The record is this other service's, which names the silent one. */
  'service.name': z.string().optional(),
  /** Not a record of the finding, but another line of its service from the same bucket. */
  near_template_id: z.string().optional(),
  time,
  body: z.string(),
  truncated: z.boolean().optional(),
  trace_id: z.string().optional(),
  span_id: z.string().optional(),
  kafka: z
    .strictObject({ topic: z.string(), partition: count, offset: count, index: count.optional() })
    .optional(),
  position: z
    .strictObject({ source: z.string(), topic: z.string(), partition: count, offset: count, index: count })
    .optional(),
});

const codePlaceSchema = z.strictObject({
  'code.function.name': z.string().optional(),
  'code.file.path': z.string().optional(),
  'code.line.number': count.optional(),
});

const findingSchema = z.strictObject({
  ref: z.string().regex(/^F\d+$/),
  kind,
  'service.name': z.string(),
  severity,
  template_id: z.string().optional(),
  'log.record.template': z.string().optional(),
  /** Name of the event that its records have; part of the template. */
  event_name: z.string().optional(),
  /** The template as the program itself states it; only shown, `log.record.template` is what was counted. */
  template_upstream: z.string().optional(),
  /** Where in the program its records were written. */
  call_site: codePlaceSchema.optional(),
  /** Some of the templates that an overflow finding stands for; `count.members` says how many there are. */
  member_templates: z.array(z.string()).optional(),
  onset: time,
  onset_uncertainty_s: z.number().optional(),
  last_seen: time,
  count: countSchema,
  test: testSchema,
  /** What params, attributes and shared traces rest on. */
  sampled: sampled.optional(),
  params: z.array(paramSchema).optional(),
  attributes: z
    .array(
      z.strictObject({
        key: z.string(),
        value: z.string(),
        share: z.number(),
        service_share: z.number(),
        log_odds: z.number(),
        q: z.number(),
      }),
    )
    .optional(),
  exception: z
    .strictObject({
      type: z.string().optional(),
      in_app_frame: codePlaceSchema.optional(),
      library_frames_above: count.optional(),
      /** Of the whole trace: folded in the fingerprint. */
      library_frames: count.optional(),
      stack_fingerprint: z.string().optional(),
    })
    .optional(),
  /** Other services that its lines name. */
  names_services: z.array(z.string()).optional(),
  exemplars: z.array(exemplarSchema).optional(),
});

const changeSchema = z.strictObject({
  ref: z.string().regex(/^C\d+$/),
  kind: z.enum(['service.version', 'restart']),
  'service.name': z.string(),
  from: z.string().optional(),
  to: z.string().optional(),
  at: time,
  /** Seconds before the first onset; negative = after it. */
  before_onset_s: z.number(),
});

const similarSchema = z.strictObject({
  ref: z.string().regex(/^S\d+$/),
  window_id: z.string(),
  at: time,
  similarity: z.number(),
  label: z.string().optional(),
  same: z.array(z.string()),
  different: z.array(z.string()),
});

const dataSchema = z.strictObject({
  window_id: z.string(),
  revision: z.int().min(1),
  status: z.enum(['open', 'updated', 'closed', 'suppressed']),
  episode_id: z.string(),
  fingerprint: z.string(),
  tenant: z.string(),
  headline: z.string(),
  /** The tenant's output was over a cap, so that windows were merged into this one. */
  storm: z
    .strictObject({
      reason: z.enum(['windows_in_one_bucket', 'windows_per_hour', 'bytes_per_hour', 'open_windows']),
      windows_merged: count,
      services_merged: count,
      findings_merged: count,
    })
    .optional(),
  time: z.strictObject({
    start: time,
    end: time,
    onset: time,
    onset_uncertainty_s: z.number(),
    baseline: z.string().optional(),
    watermark: time,
  }),
  scope: z.strictObject({
    'deployment.environment.name': z.string(),
    /** Most likely origin first. */
    services: z.array(serviceSchema),
  }),
  coverage: z.strictObject({
    records_in_scope: count,
    /** Of all services: a dropped record may not have told its own. */
    records_dropped: count,
    records_late: count,
    dropped_by_reason: z.record(z.string(), count).optional(),
    records_censored: count.optional(),
    stack_frames: count.optional(),
    severity_inferred: count.optional(),
    time_inferred: count.optional(),
    /** True: counts are estimates. winnow counts every record, so that it is always false; exemplars are sampled. */
    sampled: z.boolean(),
    clock_skew_max_s: z.number().optional(),
    /** From the first record of the youngest service to the onset, at revision 1. */
    baseline_age_s: z.number().optional(),
    warm: z.boolean(),
    templates_tested: count,
    false_alarm_budget_per_day: z.number(),
  }),
  findings: z.array(findingSchema),
  /** `F2_F3`: traces in the samples of both; `of_F3_traced`: distinct traces in F3's sample. */
  shared_traces: z.record(z.string(), count).optional(),
  changes: z.array(changeSchema),
  /** Windows of the tenant and environment that began about the same time and share nothing that is known. */
  also_open: z
    .array(z.strictObject({ window_id: z.string(), onset: time, severity, services: z.array(z.string()) }))
    .optional(),
  unchanged: z.array(z.string()),
  similar: z.array(similarSchema).optional(),
  omitted: z.strictObject({
    findings: count,
    services: count,
    templates_in_overflow: count,
    exemplars: count,
    details: z.string(),
  }),
  redaction: z.strictObject({
    total: count,
    by_rule: z.record(z.string(), count).optional(),
    ips_kept: z.literal('all'),
  }),
  untrusted: z.array(z.string()),
  not_observed: z.array(z.string()),
});

/** One revision of one window: a CloudEvents 1.0 object. */
export const windowEventSchema = z.strictObject({
  specversion: z.literal('1.0'),
  type: z.enum([
    'dev.winnow.window.opened.v1',
    'dev.winnow.window.updated.v1',
    'dev.winnow.window.closed.v1',
    'dev.winnow.window.suppressed.v1',
  ]),
  source: z.string(),
  id: z.string(),
  subject: z.string(),
  time,
  datacontenttype: z.literal('application/json'),
  dataschema: z.literal('https://winnow.dev/schema/window/v1.json'),
  partitionkey: z.string(),
  correlationid: z.string(),
  severitytext: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']),
  severitynumber: z.int().min(1).max(24),
  data: dataSchema,
});

export type WindowEvent = z.infer<typeof windowEventSchema>;
export type WindowData = z.infer<typeof dataSchema>;
export type EventFinding = z.infer<typeof findingSchema>;
export type EventExemplar = z.infer<typeof exemplarSchema>;
export type EventParameter = z.infer<typeof paramSchema>;
export type EventChange = z.infer<typeof changeSchema>;
export type EventService = z.infer<typeof serviceSchema>;

/** JSON Schema (draft 2020-12) of a window, as published. */
export function windowJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(windowEventSchema, { target: 'draft-2020-12' });
  return { $id: 'https://winnow.dev/schema/window/v1.json', title: 'winnow window, one revision', ...schema };
}
