import type { Subject } from './subject.ts';

/** Makes a subject from the settings on its command line. */
export type MakeSubject = (settings: Readonly<Record<string, string>>) => Subject | Promise<Subject>;

/** Everything that is timed in Node.js. Only what is asked for is loaded: the others' memory is not its own. */
export const SUBJECTS: Readonly<Record<string, () => Promise<MakeSubject>>> = {
  allocation: async () => (await import('./subjects/allocation.ts')).allocation,
  bufbuild: async () => (await import('./subjects/protobufjs.ts')).decodeWithBufbuild,
  decoding: async () => (await import('./subjects/decoding.ts')).decoding,
  kafkajsAlone: async () => (await import('./subjects/kafka.ts')).kafkajsAlone,
  kafkaToStore: async () => (await import('./subjects/kafka.ts')).kafkaToStore,
  mining: async () => (await import('./subjects/mining.ts')).mining,
  parsing: async () => (await import('./subjects/decoding.ts')).parsing,
  pipeline: async () => (await import('./subjects/pipeline.ts')).pipeline,
  protobufjs: async () => (await import('./subjects/protobufjs.ts')).decodeWithProtobufjs,
  scanning: async () => (await import('./subjects/mining.ts')).scanning,
  stage1: async () => (await import('./subjects/stage1.ts')).stage1,
  steady: async () => (await import('./subjects/steady.ts')).steady,
  threads: async () => (await import('./subjects/threads.ts')).threads,
  walk: async () => (await import('./subjects/walk.ts')).walk,
};
