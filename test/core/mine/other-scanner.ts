// A scanner of another version, to which underscores and dashes are white space: it cuts lines into other tokens.
import { TokenScanner } from '../../../src/core/scan/scanner.ts';

export class OtherScanner extends TokenScanner {
  override readonly version: string = 'scan-test';

  override scan(bytes: Uint8Array, start: number, end: number): void {
    super.scan(
      bytes.map((byte) => (byte === 95 || byte === 45 ? 32 : byte)),
      start,
      end,
    );
  }
}
