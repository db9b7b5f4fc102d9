import { LineKernel } from '../../../src/core/scan/line-kernel.ts';
import { TokenScanner } from '../../../src/core/scan/token-scanner.ts';

/** Scans lines as they are, without canonical lines and without a memory: what every other way must agree with. */
export class WholeScanner {
  private readonly kernel = new LineKernel();
  private readonly scanner = new TokenScanner(this.kernel);

  /** Kind and halves of the signature. */
  scan(bytes: Uint8Array): readonly [string, number, number] {
    const { scanner } = this;
    const at = this.kernel.place(bytes, 0, bytes.length);
    scanner.scan(at, at + bytes.length);
    return [scanner.kind, scanner.hashHigh, scanner.hashLow];
  }
}
