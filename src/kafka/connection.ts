import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { KafkaConnectionConfig } from '../config-schema.ts';
import { WinnowError } from '../errors.ts';
import { systemReason } from '../system-error.ts';

/** How to reach a cluster, for whoever reads from it or writes to it. */
export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** True, or certificates as PEM text: `ca`, and `cert` + `key` for mutual TLS. */
  readonly tls: boolean | ConnectionOptions;
  readonly sasl?: KafkaSasl;
  readonly logger: KafkaLogger;
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  /** `token` is called for each connection and before the broker's session lifetime ends. */
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<string> };

/** The part of a pino logger that is used. */
export interface KafkaLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Reads the files that the settings name. Throws WINNOW_CONFIG_UNREADABLE when one cannot be read. */
export function readConnection(config: KafkaConnectionConfig, logger: KafkaLogger): KafkaConnection {
  const { brokers, clientId, sasl } = config;
  return {
    brokers,
    clientId,
    tls: tlsOptions(config.tls),
    logger,
    ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
  };
}

function saslOptions(sasl: NonNullable<KafkaConnectionConfig['sasl']>): KafkaSasl {
  if (sasl.mechanism === 'oauthbearer') {
    const { mechanism, tokenFile } = sasl;
    readToken(tokenFile);
    return { mechanism, token: async () => readToken(tokenFile) };
  }
  const { mechanism, username, passwordFile } = sasl;
  return { mechanism, username, password: readSecret(passwordFile).trimEnd() };
}

/** A token that was renewed is in the file; one that is being written may not be there yet, which a retry puts right. */
function readToken(path: string): string {
  const token = readSecret(path).trim();
  if (token !== '') return token;
  throw new WinnowError('WINNOW_CONFIG_UNREADABLE', `read token file ${path}: it is empty`, {
    hint: 'whatever renews the token must write it whole, to another file first, and rename that',
  });
}

function tlsOptions(tls: KafkaConnectionConfig['tls']): KafkaConnection['tls'] {
  if (typeof tls === 'boolean') return tls;
  return {
    rejectUnauthorized: tls.rejectUnauthorized,
    ...(tls.ca === undefined ? {} : { ca: readSecret(tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: readSecret(tls.cert) }),
    ...(tls.key === undefined ? {} : { key: readSecret(tls.key) }),
  };
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new WinnowError('WINNOW_CONFIG_UNREADABLE', `read secret file ${path}: ${systemReason(cause)}`, {
      cause,
      hint: 'the path is in the tls or sasl settings of a kafka source or feed; the file must be readable by this user',
    });
  }
}
