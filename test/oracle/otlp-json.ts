// The OTLP/JSON form of a request that protobufjs has read: hex ids, base64 bytes, 64-bit integers as strings.
import type { OracleKeyValue, OracleRequest, OracleValue } from './otlp-logs.ts';

/** `snakeCase` writes field names as in the proto file, which receivers must also take. */
export function jsonOf(request: OracleRequest, snakeCase: boolean): unknown {
  const plain = {
    resourceLogs: request.resourceLogs?.map((group) => ({
      ...group,
      ...(group.resource === undefined
        ? {}
        : { resource: { ...group.resource, attributes: group.resource.attributes?.map(pairJson) } }),
      scopeLogs: group.scopeLogs?.map((scope) => ({
        ...scope,
        logRecords: scope.logRecords?.map((record) => ({
          ...record,
          body: record.body === undefined ? undefined : valueJson(record.body),
          attributes: record.attributes?.map(pairJson),
          traceId: record.traceId === undefined ? undefined : Buffer.from(record.traceId).toString('hex'),
          spanId:
            record.spanId === undefined
              ? undefined
              : Buffer.from(record.spanId).toString('hex').toUpperCase(),
        })),
      })),
    })),
  };
  return snakeCase ? toSnakeCase(plain) : plain;
}

function pairJson(pair: OracleKeyValue): unknown {
  return { ...pair, value: pair.value === undefined ? undefined : valueJson(pair.value) };
}

function valueJson(value: OracleValue): unknown {
  if (value.bytesValue !== undefined) return { bytesValue: Buffer.from(value.bytesValue).toString('base64') };
  if (value.doubleValue !== undefined && !Number.isFinite(value.doubleValue)) {
    return { doubleValue: String(value.doubleValue) };
  }
  if (value.doubleValue === 0 && Object.is(value.doubleValue, -0)) return { doubleValue: '-0' };
  if (value.arrayValue !== undefined)
    return { arrayValue: { values: value.arrayValue.values?.map(valueJson) } };
  if (value.kvlistValue !== undefined)
    return { kvlistValue: { values: value.kvlistValue.values?.map(pairJson) } };
  return value;
}

function toSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toSnakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      toSnakeCase(inner),
    ]),
  );
}
