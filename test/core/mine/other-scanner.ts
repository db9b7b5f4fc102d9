// A scanner of another version, to which underscores and dashes are white space: it cuts lines into other tokens.
import { LineScanner } from '../../../src/core/scan/scanner.ts';
import type { TokenBuffer } from '../../../src/core/scan/tokens.ts';

export class OtherScanner extends LineScanner {
  override readonly version: string = 'scan-test';

  override scan(bytes: Uint8Array, start: number, end: number): void {
    super.scan(spaced(bytes), start, end);
  }

  override tokenise(bytes: Uint8Array, start: number, end: number): TokenBuffer {
    return super.tokenise(spaced(bytes), start, end);
  }
}

function spaced(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte === 95 || byte === 45 ? 32 : byte));
}
