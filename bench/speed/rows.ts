import type { Row } from './row.ts';
import { encodingsRow } from './rows/encodings.ts';
import { kafkaRow } from './rows/kafka.ts';
import { kindsRow, mixedRow, structuredRow } from './rows/mining.ts';
import { allocationRow, scaleRow } from './rows/scale.ts';
import { stage1Row } from './rows/stage1.ts';
import { steadyRow } from './rows/steady.ts';
import { threadsRow } from './rows/threads.ts';

/** Every part of the bench, in the order of the table. One line each; add yours here. */
export const ROWS: readonly Row[] = [
  stage1Row,
  encodingsRow,
  mixedRow,
  structuredRow,
  kindsRow,
  scaleRow,
  allocationRow,
  steadyRow,
  kafkaRow,
  threadsRow,
];
