// The floor: a reader that finds where the fields of every record are and nothing else. Whatever stage 1 does on top of
// this is decoding values, scanning, and counting.

/** Where the fields of the last record are, and sums over all of them as proof that they were found. */
export class OffsetsWalk {
  records = 0;
  bodyBytes = 0;
  timeAt = 0;
  observedAt = 0;
  severityAt = 0;
  bodyAt = 0;
  traceIdAt = 0;

  /** Called with the offsets of each record, when set; for work outside the timing. */
  onRecord: (() => void) | null = null;

  /** Walks one ExportLogsServiceRequest that is known to be well formed. */
  request(bytes: Uint8Array): void {
    const end = bytes.length;
    let at = 0;
    while (at < end) {
      const tag = bytes[at++]!;
      const length = lengthAt(bytes, at);
      at += length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4;
      if (tag === 10) this.#resourceLogs(bytes, at, at + length);
      at += length;
    }
  }

  #resourceLogs(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const tag = bytes[at++]!;
      const length = lengthAt(bytes, at);
      at += length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4;
      if (tag === 18) this.#scopeLogs(bytes, at, at + length);
      at += length;
    }
  }

  #scopeLogs(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const tag = bytes[at++]!;
      const length = lengthAt(bytes, at);
      at += length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4;
      if (tag === 18) this.#record(bytes, at, at + length);
      at += length;
    }
  }

  #record(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    let bodyBytes = 0;
    while (at < end) {
      const tag = bytes[at++]!;
      switch (tag & 7) {
        case 0:
          if (tag === 16) this.severityAt = at;
          while (bytes[at++]! > 127);
          break;
        case 1:
          if (tag === 9) this.timeAt = at;
          else if (tag === 89) this.observedAt = at;
          at += 8;
          break;
        case 5:
          at += 4;
          break;
        default: {
          const length = lengthAt(bytes, at);
          at += length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4;
          if (tag === 42) {
            this.bodyAt = at;
            bodyBytes = length - (length < 130 ? 2 : 3);
          } else if (tag === 74) this.traceIdAt = at;
          at += length;
        }
      }
    }
    this.records++;
    this.bodyBytes += bodyBytes;
    this.onRecord?.();
  }
}

/** A length of up to four bytes. */
function lengthAt(bytes: Uint8Array, at: number): number {
  let length = bytes[at]!;
  if (length < 128) return length;
  length = (length & 127) | (bytes[at + 1]! << 7);
  if (bytes[at + 1]! < 128) return length;
  length = (length & 16_383) | (bytes[at + 2]! << 14);
  if (bytes[at + 2]! < 128) return length;
  return (length & 2_097_151) | (bytes[at + 3]! << 21);
}

/** Adds to the times of every record, in place: a corpus that is read again goes on where it ended. */
export function shiftTimes(requests: readonly Uint8Array[], byMs: number): void {
  const walk = new OffsetsWalk();
  const nanos = byMs * 1e6;
  const low = nanos % TWO_TO_32;
  const high = Math.floor(nanos / TWO_TO_32);
  for (const request of requests) {
    const view = new DataView(request.buffer, request.byteOffset, request.length);
    const add = (at: number): void => {
      const sum = view.getUint32(at, true) + low;
      view.setUint32(at, sum % TWO_TO_32, true);
      view.setUint32(at + 4, view.getUint32(at + 4, true) + high + (sum >= TWO_TO_32 ? 1 : 0), true);
    };
    walk.onRecord = () => {
      add(walk.timeAt);
      add(walk.observedAt);
    };
    walk.request(request);
  }
}

const TWO_TO_32 = 4_294_967_296;
