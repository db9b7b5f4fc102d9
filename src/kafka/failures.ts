import { WinnowError } from '../errors.ts';

/** What was being done when it failed, and what that needs of the brokers' access rules. */
export interface KafkaPurpose {
  /** Verb and object, e.g. `read from kafka`. */
  readonly action: string;
  readonly authorisationHint: string;
}

export const READING: KafkaPurpose = {
  action: 'read from kafka',
  authorisationHint: 'grant the user Read and Describe on the topics and Read on the consumer group',
};

/**
 * Says what a failure of the Kafka client means: retryable = try again later with backoff, else an operator has to act;
 * a source's `run` then rejects with this error. The cause's own text is kept, its secrets are not in it.
 */
export function describeFailure(error: unknown, purpose: KafkaPurpose = READING): WinnowError {
  const chain = causes(error);
  const known = chain.find((cause) => cause instanceof WinnowError);
  if (known instanceof WinnowError) return known;
  const last = chain.at(-1) ?? error;
  const text = last instanceof Error ? last.message : String(last);
  for (const cause of chain) {
    for (const rule of UNRECOVERABLE) {
      if (
        rule.marks.some(
          (mark) => mark === cause.name || mark === field(cause, 'type') || mark === field(cause, 'code'),
        )
      ) {
        const hint = rule.code === AUTHORISATION ? purpose.authorisationHint : rule.hint;
        return new WinnowError(rule.code, `${purpose.action}: ${text}`, { hint, cause: error });
      }
    }
  }
  return new WinnowError('WINNOW_KAFKA_UNAVAILABLE', `${purpose.action}: ${text}`, {
    retryable: true,
    hint: chain.map(retryHint).find((hint) => hint !== null) ?? BROKER_HINT,
    cause: error,
  });
}

function retryHint(error: Error): string | null {
  if (error.name === 'KafkaJSGroupCoordinatorNotFound') return GROUP_HINT;
  return field(error, 'type') === 'LEADER_NOT_AVAILABLE' ? LEADER_HINT : null;
}

const BROKER_HINT =
  'check that the brokers run and that their advertised listeners can be reached from here; retrying';
/** kafkajs swallows why it found no coordinator, a refusal too. */
const GROUP_HINT = 'the group has no coordinator yet, or the user lacks Read on the consumer group; retrying';

/** kafkajs asks about all partitions at once and takes no answer for the others when one has no leader. */
const LEADER_HINT =
  'a partition has no leader: bring back the brokers that hold it; until then no partition is read; retrying';

/** True when the error, or what caused it, is this error of the Kafka protocol. */
export function hasErrorType(error: unknown, type: string): boolean {
  return causes(error).some((cause) => field(cause, 'type') === type);
}

interface Rule {
  readonly code: string;
  readonly hint: string;
  /** kafkajs error names, Kafka protocol error types, and codes of Node's TLS. */
  readonly marks: readonly string[];
}

const AUTHORISATION = 'WINNOW_KAFKA_AUTHORISATION';

const UNRECOVERABLE: readonly Rule[] = [
  {
    code: 'WINNOW_KAFKA_AUTHENTICATION',
    hint: 'check the mechanism, user and password (or token) of the sasl settings',
    marks: ['KafkaJSSASLAuthenticationError', 'SASL_AUTHENTICATION_FAILED', 'UNSUPPORTED_SASL_MECHANISM'],
  },
  {
    code: AUTHORISATION,
    hint: READING.authorisationHint,
    marks: ['TOPIC_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'],
  },
  {
    code: 'WINNOW_KAFKA_TLS',
    hint: 'check the ca, cert and key of the tls settings, and that the broker is addressed by a name in its certificate',
    marks: [
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    ],
  },
  {
    code: 'WINNOW_KAFKA_GROUP',
    hint: 'give winnow a consumer group of its own: set another groupId, or a session timeout the broker allows',
    marks: ['INCONSISTENT_GROUP_PROTOCOL', 'INVALID_GROUP_ID', 'INVALID_SESSION_TIMEOUT'],
  },
  {
    code: 'WINNOW_KAFKA_UNSUPPORTED',
    hint: 'Kafka 0.11 or later with record batches is needed',
    marks: [
      'UNSUPPORTED_VERSION',
      'INVALID_TOPIC_EXCEPTION',
      'KafkaJSServerDoesNotSupportApiKey',
      'KafkaJSUnsupportedMagicByteInMessageSet',
    ],
  },
];

/** Longest chain followed: kafkajs wraps an error a few times over, and a cycle must end. */
const CAUSES_MAX = 8;

function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  let next = error;
  while (next instanceof Error && chain.length < CAUSES_MAX && !chain.includes(next)) {
    chain.push(next);
    next = next.cause;
  }
  return chain;
}

function field(error: Error, name: string): unknown {
  return (error as unknown as Record<string, unknown>)[name];
}
