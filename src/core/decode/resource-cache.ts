import type { Resource, ServiceRef } from '../../contracts.ts';
import { mix32 } from '../hash.ts';
import { readKeyValue, ValueRenderer } from './any-value.ts';
import { NO_BYTES } from './log-record.ts';
import { RESOURCE_ATTRIBUTES } from './otlp-fields.ts';
import { createTextResource, type ResourceOptions, resourceOf } from './resource.ts';
import { WireReader } from './wire.ts';

/** Resources held at once; a cluster has about one per pod. When full, all are forgotten and read anew. */
const MAX_RESOURCES = 4096;

/** Bytes of one resource that may be held (usual: 200 to 2,000); with MAX_RESOURCES the cache stays below 32 MiB. */
const MAX_RESOURCE_BYTES = 8192;

/** Attributes of one resource that are read; the OTel SDKs limit them to 128. */
const MAX_RESOURCE_ATTRIBUTES = 1024;

/** Bytes read of one key or value; `resourceOf` keeps at most 256 characters of it. */
const MAX_TEXT_BYTES = 1024;

interface Held {
  readonly view: DataView;
  readonly resource: Resource;
}

/**
 * Resources by their bytes: the same bytes give the same object until the cache was full.
 * Equal services of different resources share one ServiceRef in the same way.
 */
export class ResourceCache {
  private readonly held = new Map<number, Held>();
  private readonly services = new Map<string, ServiceRef>();
  private readonly reader = new WireReader();
  private readonly renderer: ValueRenderer;
  // Without ignoreBOM a leading U+FEFF would vanish from a value.
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private readonly options: ResourceOptions;
  private last: Held | null = null;
  /** The message in hand, as words. */
  private viewed: Uint8Array = NO_BYTES;
  private view: DataView = new DataView(NO_BYTES.buffer);
  /** Stands for a resource without attributes; the caller puts its default in its place. */
  readonly none: Resource = createTextResource('', '');

  constructor(options: ResourceOptions, maxDepth: number) {
    this.options = options;
    this.renderer = new ValueRenderer(maxDepth);
  }

  /** The resource whose protobuf form is `bytes[start, end)`, or null where those bytes are broken. */
  get(bytes: Uint8Array, start: number, end: number): Resource | null {
    const view = this.viewOf(bytes);
    if (this.last !== null && equalBytes(this.last.view, view, start, end)) return this.last.resource;
    const hash = hashOf(view, start, end);
    const known = this.held.get(hash);
    if (known !== undefined && equalBytes(known.view, view, start, end)) {
      this.last = known;
      return known.resource;
    }
    const attributes = this.readAttributes(bytes, start, end);
    if (attributes === null) return null;
    const resource =
      attributes.size === 0 ? this.none : this.shareService(resourceOf(attributes, this.options));
    if (end - start > MAX_RESOURCE_BYTES) return resource;
    if (this.held.size >= MAX_RESOURCES) this.held.clear();
    // Not bytes.slice: a Buffer's is a view, and would keep the whole response of a Kafka broker alive.
    const held = { view: new DataView(new Uint8Array(bytes.subarray(start, end)).buffer), resource };
    this.held.set(hash, held);
    this.last = held;
    return resource;
  }

  private viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.viewed) {
      this.viewed = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.view;
  }

  private shareService(resource: Resource): Resource {
    const known = this.services.get(resource.service.key);
    if (known !== undefined) return { ...resource, service: known };
    if (this.services.size >= MAX_RESOURCES) this.services.clear();
    this.services.set(resource.service.key, resource.service);
    return resource;
  }

  private readAttributes(bytes: Uint8Array, start: number, end: number): Map<string, string> | null {
    const reader = this.reader;
    const attributes = new Map<string, string>();
    const slot = { keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 };
    reader.open(bytes, start);
    while (reader.at < end) {
      const tag = reader.tag(end);
      if (tag === 0) return null;
      if (tag !== RESOURCE_ATTRIBUTES * 8 + 2) {
        if (!reader.skip(tag, end)) return null;
        continue;
      }
      const stop = reader.payloadEnd(end);
      if (stop < 0 || !readKeyValue(reader, reader.at, stop, slot)) return null;
      if (attributes.size < MAX_RESOURCE_ATTRIBUTES) {
        if (!this.renderer.render(bytes, slot.valueStart, slot.valueEnd)) return null;
        const key = this.text(bytes, slot.keyStart, slot.keyEnd);
        attributes.set(key, this.text(this.renderer.bytes, 0, this.renderer.length));
      }
      reader.at = stop;
    }
    return attributes;
  }

  /** Cut before it is a string: a short slice of a long string would keep the long one alive. */
  private text(bytes: Uint8Array, start: number, end: number): string {
    return this.decoder.decode(bytes.subarray(start, Math.min(end, start + MAX_TEXT_BYTES)));
  }
}

/** Four bytes a step; the last step overlaps the one before. */
function equalBytes(held: DataView, view: DataView, start: number, end: number): boolean {
  const size = end - start;
  if (held.byteLength !== size) return false;
  if (size < 4) return wordUpTo(held, 0, size) === wordUpTo(view, start, size);
  for (let i = 0; i + 4 < size; i += 4)
    if (held.getInt32(i, true) !== view.getInt32(start + i, true)) return false;
  return held.getInt32(size - 4, true) === view.getInt32(end - 4, true);
}

/** FNV-1a over words (draft-eastlake-fnv), mixed further: only finds the slot, the bytes are compared. */
function hashOf(view: DataView, start: number, end: number): number {
  const size = end - start;
  if (size < 4) return wordUpTo(view, start, size);
  let hash = 0x811c9dc5 ^ size;
  for (let at = start; at + 4 < end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x01000193);
    hash ^= hash >>> 15;
  }
  return mix32(hash ^ view.getInt32(end - 4, true)) | 0;
}

/** Fewer than four bytes as a number. */
function wordUpTo(view: DataView, start: number, size: number): number {
  let word = 0;
  for (let i = 0; i < size; i++) word = word * 256 + view.getUint8(start + i);
  return word;
}
