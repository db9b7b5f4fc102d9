// Field numbers of OTLP logs, from opentelemetry-proto v1.9: collector/logs/v1/logs_service.proto,
// logs/v1/logs.proto, resource/v1/resource.proto, common/v1/common.proto; and what is made of some fields. Constants only:
// the scanner's kernel reads this file too.

export const REQUEST_RESOURCE_LOGS = 1;

export const RESOURCE_LOGS_RESOURCE = 1;
export const RESOURCE_LOGS_SCOPE_LOGS = 2;
export const RESOURCE_LOGS_SCHEMA_URL = 3;

export const RESOURCE_ATTRIBUTES = 1;

export const SCOPE_LOGS_LOG_RECORDS = 2;

export const RECORD_TIME = 1;
export const RECORD_SEVERITY_NUMBER = 2;
export const RECORD_SEVERITY_TEXT = 3;
export const RECORD_BODY = 5;
export const RECORD_ATTRIBUTES = 6;
export const RECORD_DROPPED_ATTRIBUTES_COUNT = 7;
export const RECORD_FLAGS = 8;
export const RECORD_TRACE_ID = 9;
export const RECORD_SPAN_ID = 10;
export const RECORD_OBSERVED_TIME = 11;
export const RECORD_EVENT_NAME = 12;

export const VALUE_STRING = 1;
export const VALUE_BOOL = 2;
export const VALUE_INT = 3;
export const VALUE_DOUBLE = 4;
export const VALUE_ARRAY = 5;
export const VALUE_KVLIST = 6;
export const VALUE_BYTES = 7;

export const KEY_VALUE_KEY = 1;
export const KEY_VALUE_VALUE = 2;

/** `values` of both ArrayValue and KeyValueList. */
export const LIST_VALUES = 1;

/** Bytes of a trace id and of a span id; any other length counts as absent. */
export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;

/** Of the hash of a trace id, `hashBytes` of `core/hash.ts`: which records are sampled follows from it. */
export const TRACE_HASH_SEED = 0x7ace;
