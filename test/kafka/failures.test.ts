import kafkajs from 'kafkajs';
import { expect, test } from 'vitest';
import { WinnowError } from '../../src/errors.ts';
import { describeFailure } from '../../src/kafka/failures.ts';

const { KafkaJSConnectionError, KafkaJSProtocolError } = kafkajs;

test.each<[string, unknown, string]>([
  ['a refused login', named('KafkaJSSASLAuthenticationError'), 'WINNOW_KAFKA_AUTHENTICATION'],
  ['a topic that may not be read', protocolError('TOPIC_AUTHORIZATION_FAILED'), 'WINNOW_KAFKA_AUTHORISATION'],
  [
    'a group that may not be joined',
    protocolError('GROUP_AUTHORIZATION_FAILED'),
    'WINNOW_KAFKA_AUTHORISATION',
  ],
  ['a certificate nobody vouches for', tlsError('SELF_SIGNED_CERT_IN_CHAIN'), 'WINNOW_KAFKA_TLS'],
  ['a group with another protocol', protocolError('INCONSISTENT_GROUP_PROTOCOL'), 'WINNOW_KAFKA_GROUP'],
  ['an ancient broker', protocolError('UNSUPPORTED_VERSION'), 'WINNOW_KAFKA_UNSUPPORTED'],
])('%s needs an operator, however deep it is wrapped, and the hint says what to do', (_, error, code) => {
  for (const wrapped of [error, wrap(error), wrap(wrap(error))]) {
    const failure = describeFailure(wrapped);
    expect([failure.code, failure.retryable]).toEqual([code, false]);
    expect(failure.hint).not.toBe(undefined);
  }
});

test.each<[string, unknown]>([
  ['a refused connection', new KafkaJSConnectionError('Connection error: connect ECONNREFUSED 127.0.0.1:9')],
  ['a leader that is being elected', protocolError('LEADER_NOT_AVAILABLE')],
  ['a missing topic', protocolError('UNKNOWN_TOPIC_OR_PARTITION')],
  ['a bug that nobody foresaw', new TypeError('x is not a function')],
  ['something that is no error', 'odd'],
])('%s is tried again', (_, error) => {
  expect(describeFailure(error).retryable).toBe(true);
});

test('a coordinator that is not found may be a missing right, and the hint says so', () => {
  const failure = describeFailure(named('KafkaJSGroupCoordinatorNotFound'));
  expect([failure.retryable, failure.hint]).toEqual([
    true,
    expect.stringContaining('Read on the consumer group'),
  ]);
});

test('a partition without a leader is named as the reason why nothing is read', () => {
  expect(describeFailure(wrap(protocolError('LEADER_NOT_AVAILABLE'))).hint).toContain('no leader');
});

test('an error of our own keeps its code', () => {
  const own = new WinnowError('WINNOW_KAFKA_NO_TOPIC', 'none', { retryable: true });
  expect(describeFailure(wrap(own))).toBe(own);
});

test('a chain of causes that bites its tail ends', () => {
  const error = new Error('loop');
  error.cause = error;
  expect(describeFailure(error).message).toContain('loop');
});

function wrap(cause: unknown): Error {
  return Object.assign(new Error('wrapped', { cause }), {
    name: 'KafkaJSNonRetriableError',
    retriable: false,
  });
}

function protocolError(type: string): Error {
  return new KafkaJSProtocolError(
    Object.assign(new Error(type), { type, code: 1, retriable: false }) as never,
  );
}

function tlsError(code: string): Error {
  return Object.assign(new KafkaJSConnectionError(`Connection error: ${code}`), { code });
}

function named(name: string): Error {
  return Object.assign(new Error('refused'), { name });
}
