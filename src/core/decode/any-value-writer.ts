import {
  KEY_VALUE_KEY,
  KEY_VALUE_VALUE,
  LIST_VALUES,
  VALUE_ARRAY,
  VALUE_BOOL,
  VALUE_BYTES,
  VALUE_DOUBLE,
  VALUE_INT,
  VALUE_KVLIST,
  VALUE_STRING,
} from './otlp-fields.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/** Lists and maps nested deeper than this are written as empty values: plain JSON has no limit of its own. */
const MAX_DEPTH = 64;

/** A value as OTLP's AnyValue: whole numbers become int, others double; null an empty value. */
export type EncodableValue =
  | string
  | number
  | boolean
  | bigint
  | Uint8Array
  | null
  | readonly EncodableValue[]
  | { readonly [key: string]: EncodableValue };

/** A KeyValue, as field `field` of the message that is open. */
export function writeKeyValue(
  writer: ProtobufWriter,
  field: number,
  key: string,
  value: EncodableValue,
  depth = 0,
): void {
  const start = writer.begin(field);
  writer.stringField(KEY_VALUE_KEY, key);
  const valueStart = writer.begin(KEY_VALUE_VALUE);
  writeValue(writer, value, depth);
  writer.end(valueStart);
  writer.end(start);
}

/** The fields of an AnyValue; the message around them is the caller's. */
export function writeValue(writer: ProtobufWriter, value: EncodableValue, depth = 0): void {
  if (value === null) return;
  if (typeof value === 'string') writer.stringField(VALUE_STRING, value);
  else if (typeof value === 'boolean') writer.varintField(VALUE_BOOL, value ? 1 : 0);
  else if (typeof value === 'bigint') writer.bigintField(VALUE_INT, value);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (value instanceof Uint8Array) writer.bytesField(VALUE_BYTES, value, 0, value.length);
  else if (depth >= MAX_DEPTH) return;
  else if (isList(value)) {
    const start = writer.begin(VALUE_ARRAY);
    for (const item of value) {
      const itemStart = writer.begin(LIST_VALUES);
      writeValue(writer, item, depth + 1);
      writer.end(itemStart);
    }
    writer.end(start);
  } else {
    const start = writer.begin(VALUE_KVLIST);
    for (const [key, item] of Object.entries(value)) writeKeyValue(writer, LIST_VALUES, key, item, depth + 1);
    writer.end(start);
  }
}

function writeNumber(writer: ProtobufWriter, value: number): void {
  if (Number.isSafeInteger(value)) writer.integerField(VALUE_INT, value);
  else writer.doubleField(VALUE_DOUBLE, value);
}

function isList(value: EncodableValue): value is readonly EncodableValue[] {
  return Array.isArray(value);
}
