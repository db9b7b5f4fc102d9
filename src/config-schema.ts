import { z } from 'zod';
import { maskingSchema } from './core/scan/masking-schema.ts';

// The settings of `winnow run`. The schema is the documentation: every key has a default or says why it is needed.

const text = z.string().min(1);
const port = z.int().min(0).max(65_535);
const encoding = z.enum(['auto', 'otlp_proto', 'otlp_json', 'text', 'json', 'raw']);
const sourceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'lower-case letters, digits, - and _, at most 63');

const feedName = sourceName;
const topicName = z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, 'letters, digits, . _ and -, at most 249');

function isRegExp(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

const tls = z.strictObject({
  /** PEM files. */
  ca: text.optional().describe('PEM file with the certificate authorities to trust'),
  cert: text.optional().describe('PEM file with the client certificate (mutual TLS)'),
  key: text.optional().describe('PEM file with the client key'),
  rejectUnauthorized: z.boolean().default(true).describe('false accepts any certificate; for tests only'),
});

const sasl = z.discriminatedUnion('mechanism', [
  z.strictObject({
    mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
    username: text,
    passwordFile: text.describe('file that holds the password; never given inline'),
  }),
  z.strictObject({
    mechanism: z.literal('oauthbearer'),
    tokenFile: text.describe(
      'file that holds the token; read anew for every login, so that it can be renewed',
    ),
  }),
]);

/** How to reach a cluster: the same for everything that reads from Kafka or writes to it. */
const kafkaConnection = z.strictObject({
  brokers: z.array(text).min(1).describe('host:port of at least one broker'),
  clientId: text.default('winnow'),
  tls: z.union([z.boolean(), tls]).default(false),
  sasl: sasl.optional(),
});

const kafkaSource = kafkaConnection
  .extend({
    type: z.literal('kafka'),
    name: sourceName.default('kafka'),
    topics: z.array(text).min(1).optional().describe('topics to read (default: otlp_logs)'),
    topicPattern: text
      .refine(isRegExp, 'not a valid regular expression')
      .optional()
      .describe('regular expression instead of `topics`'),
    group: text.default('winnow'),
    encoding: encoding.default('auto'),
    start: z
      .union([z.enum(['earliest', 'latest']), z.iso.datetime()])
      .default('latest')
      .describe('where to begin without a stored position'),
    sessionTimeoutMs: z
      .int()
      .min(6_000)
      .max(300_000)
      .default(15_000)
      .describe(
        'a worker unheard of for this long leaves the group; its own successor does not wait for that',
      ),
    topicCheckMs: z
      .int()
      .min(1_000)
      .max(3_600_000)
      .default(60_000)
      .describe('new partitions, and new topics that match, are found within this time'),
    checkCrcs: z
      .boolean()
      .default(true)
      .describe('check the checksum of every record batch, at 1 to 2 ns a byte as sent'),
  })
  .refine((value) => !(value.topics && value.topicPattern), {
    message: 'give topics or topicPattern, not both',
  });

const kafkaFeed = kafkaConnection.extend({
  type: z.literal('kafka'),
  name: feedName.default('kafka'),
  topic: topicName
    .default('winnow_windows')
    .describe('topic for window revisions, one CloudEvents object each'),
  createTopic: z
    .boolean()
    .default(true)
    .describe('create the topic, with the defaults of the brokers, when it is missing'),
  start: z
    .enum(['earliest', 'latest'])
    .default('latest')
    .describe('where a feed that is new to the store begins: with everything stored, or with what comes'),
});

const feed = z.discriminatedUnion('type', [kafkaFeed]);

const deadLetter = z.strictObject({
  topic: topicName
    .default('winnow_dead_letters')
    .describe(
      'topic for a sample of what could not be read, redacted, with why and from where in the headers',
    ),
  createTopic: z.boolean().default(true).describe('create the topic when it is missing'),
  perMinute: z.number().positive().max(60_000).default(60).describe('most letters in a minute'),
  cluster: kafkaConnection
    .optional()
    .describe('where the topic is (default: where the first kafka source reads)'),
});

const filesSource = z.strictObject({
  type: z.literal('files'),
  name: sourceName.default('files'),
  paths: z.array(text).min(1),
  encoding: encoding.default('auto'),
  service: text.optional().describe('service name for lines that carry none (default: the source name)'),
});

const stdinSource = z.strictObject({
  type: z.literal('stdin'),
  name: sourceName.default('stdin'),
  /** Lines only: what stands in the journal was redacted as text before. */
  encoding: z.enum(['auto', 'otlp_json', 'text', 'json']).default('auto'),
  service: text.optional().describe('service name for lines that carry none (default: the source name)'),
});

const source = z.discriminatedUnion('type', [kafkaSource, filesSource, stdinSource]);

const settings = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'letters, digits, . _ and -, at most 64')
    .default('default')
    .describe('name of this pipeline, shown in windows as winnow://NAME'),
  tenant: text.default('default').describe('tenant of records that name none'),
  tenantAttribute: text.optional().describe('resource attribute that names the tenant'),
  store: z
    .strictObject({
      path: text.default('winnow.db').describe('SQLite file with state, positions and windows'),
      retentionDays: z
        .number()
        .positive()
        .default(90)
        .describe('closed windows are kept this long, in event time'),
    })
    .prefault({}),
  sources: z.array(source).default([]),
  feeds: z.array(feed).max(16).default([]).describe('where windows go, besides the store'),
  deadLetter: deadLetter.optional().describe('off unless given'),
  http: z
    .strictObject({
      host: text.default('127.0.0.1').describe('address of /metrics, /healthz and /readyz'),
      port: port.default(9464),
    })
    .prefault({}),
  detection: z
    .strictObject({
      falseAlarmBudgetPerDay: z.number().positive().max(10_000).default(10),
    })
    .prefault({}),
  redaction: z
    .strictObject({
      enabled: z.boolean().default(true),
      extraKeys: z.array(text).default([]).describe('further key names whose values are secrets'),
    })
    .prefault({}),
  masking: maskingSchema,
  limits: z
    .strictObject({
      maxMessageBytes: z.int().min(1_024).max(1_073_741_824).default(67_108_864),
    })
    .prefault({}),
  log: z
    .strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info') })
    .prefault({}),
  checkpointEveryMs: z.int().min(100).default(5_000),
  idleAfterMs: z
    .int()
    .min(1_000)
    .default(30_000)
    .describe('a caught-up, quiet partition stops holding the watermark'),
  shutdownDeadlineMs: z.int().min(100).default(10_000),
});

/** Settings that are right one by one and wrong together. */
export const configSchema = settings.superRefine(({ sources, feeds, deadLetter: letters }, context) => {
  const refuse = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  feeds.forEach(({ name }, i) => {
    if (feeds.findIndex((other) => other.name === name) < i)
      refuse(['feeds', i, 'name'], `two feeds are named ${name}; give each a name of its own`);
  });
  const kafkaSources = sources.filter((one) => one.type === 'kafka');
  kafkaSources.forEach((one, i) => {
    const twin = kafkaSources
      .slice(0, i)
      .find(
        (other) => other.group === one.group && other.brokers.some((broker) => one.brokers.includes(broker)),
      );
    if (twin !== undefined)
      refuse(
        ['sources', sources.indexOf(one), 'group'],
        `source ${twin.name} reads with group ${one.group} too; give each a group of its own`,
      );
  });
  const cluster = letters?.cluster ?? kafkaSources[0];
  if (letters !== undefined && cluster === undefined)
    refuse(['deadLetter', 'cluster'], 'needed, because no kafka source says where the topic is');
  // What winnow writes must not be what it reads: each window would be a record that makes windows.
  const written = feeds.map(({ topic, brokers }, i) => ({ path: ['feeds', i, 'topic'], topic, brokers }));
  if (letters !== undefined && cluster !== undefined)
    written.push({ path: ['deadLetter', 'topic'], topic: letters.topic, brokers: cluster.brokers });
  for (const { path, topic, brokers } of written) {
    const reader = kafkaSources.find(
      (one) => one.brokers.some((broker) => brokers.includes(broker)) && readsTopic(one, topic),
    );
    if (reader !== undefined) refuse(path, `source ${reader.name} reads ${topic}; name a topic of its own`);
  }
});

function readsTopic(source: z.infer<typeof kafkaSource>, topic: string): boolean {
  if (source.topicPattern !== undefined) return new RegExp(source.topicPattern).test(topic);
  return (source.topics ?? ['otlp_logs']).includes(topic);
}

export type Config = Readonly<z.infer<typeof configSchema>>;
export type SourceConfig = Config['sources'][number];
export type KafkaSourceConfig = Extract<SourceConfig, { type: 'kafka' }>;
export type FeedConfig = Config['feeds'][number];
export type KafkaFeedConfig = Extract<FeedConfig, { type: 'kafka' }>;
export type DeadLetterConfig = NonNullable<Config['deadLetter']>;
export type KafkaConnectionConfig = Readonly<z.infer<typeof kafkaConnection>>;
