import type { Subject } from './subject.ts';
import { allocation } from './subjects/allocation.ts';
import { decoding, parsing } from './subjects/decoding.ts';
import { kafkajsAlone, kafkaToStore } from './subjects/kafka.ts';
import { mining, scanning } from './subjects/mining.ts';
import { pipeline } from './subjects/pipeline.ts';
import { decodeWithBufbuild, decodeWithProtobufjs } from './subjects/protobufjs.ts';
import { stage1 } from './subjects/stage1.ts';
import { steady } from './subjects/steady.ts';
import { threads } from './subjects/threads.ts';
import { walk } from './subjects/walk.ts';

/** Makes a subject from the settings on its command line. */
export type MakeSubject = (settings: Readonly<Record<string, string>>) => Subject | Promise<Subject>;

/** Everything that is timed in Node.js. */
export const SUBJECTS: Readonly<Record<string, MakeSubject>> = {
  allocation,
  bufbuild: decodeWithBufbuild,
  decoding,
  kafkajsAlone,
  kafkaToStore,
  mining,
  parsing,
  pipeline,
  protobufjs: decodeWithProtobufjs,
  scanning,
  stage1,
  steady,
  threads,
  walk,
};
