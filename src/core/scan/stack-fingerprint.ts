// The identity of a stack trace: the path through the program's own code, without what changes from build to build.
import { hashString, hex32 } from '../hash.ts';
import { withoutGeneratedParts } from './generated-names.ts';
import { isLibraryFrame } from './library-frames.ts';
import type { StackFrame } from './stack-trace.ts';

/** Own frames that count, nearest to the fault first: further ones are how the program was entered. */
const OWN_FRAMES_MAX = 16;
/** Frames that count where none is the program's own. */
const LIBRARY_FRAMES_MAX = 8;
/** Stands for any number of library frames in a row. */
const FOLDED = '…';
const SEED_HIGH = 0x5bd1e995;
const SEED_LOW = 0x1b873593;

export interface StackIdentity {
  /** First frame of the program's own code; undefined = there is none. */
  readonly inApp: StackFrame | undefined;
  readonly libraryFramesAbove: number;
  readonly libraryFrames: number;
  /** `st_` and 8 hex digits. */
  readonly fingerprint: string;
}

/** Null = no frames. */
export function identityOf(frames: readonly StackFrame[]): StackIdentity | null {
  if (frames.length === 0) return null;
  const isLibrary = frames.map((f) => isLibraryFrame(f.language, f.functionName, f.filePath));
  const first = isLibrary.indexOf(false);
  const libraryFrames = isLibrary.filter(Boolean).length;
  const path = first < 0 ? frames.slice(0, LIBRARY_FRAMES_MAX).map(nameOf) : foldedPath(frames, isLibrary);
  return {
    inApp: frames[first],
    libraryFramesAbove: first < 0 ? libraryFrames : first,
    libraryFrames,
    fingerprint: `st_${digest(unrepeated(path).join('\n'))}`,
  };
}

function foldedPath(frames: readonly StackFrame[], isLibrary: readonly boolean[]): string[] {
  const path: string[] = [];
  let own = 0;
  for (const [at, frame] of frames.entries()) {
    if (isLibrary[at]!) path.push(FOLDED);
    else if (++own > OWN_FRAMES_MAX) break;
    else path.push(nameOf(frame));
  }
  return path;
}

/** A recursion is as deep as its data: a frame that repeats counts once. */
function unrepeated(path: readonly string[]): string[] {
  return path.filter((name, at) => name !== path[at - 1]);
}

/**
 * Function and class; where the name does not tell the class, the file's name too. No directory (it differs between
 * hosts and images), no line, no address, no generated number.
 */
function nameOf({ language, functionName, filePath }: StackFrame): string {
  const name = withoutGeneratedParts(functionName);
  const isNamedByFile = language === 'python' || language === 'javascript' || language === 'ruby';
  if (!isNamedByFile && name !== '') return name;
  const file = filePath
    .replace(/[?#].*$/, '')
    .slice(Math.max(filePath.lastIndexOf('/'), filePath.lastIndexOf('\\')) + 1);
  return `${name} ${withoutGeneratedParts(file)}`;
}

function digest(text: string): string {
  return hex32(hashString(text, SEED_HIGH) ^ Math.imul(hashString(text, SEED_LOW), 31));
}
