// Ids of templates: hashed once, from the service and the form at creation, never again.
import { hashString, hex32 } from '../hash.ts';
import { type Element, encodeElement, isSlot } from './elements.ts';

const HIGH_SEED = 0x7a1c3e5d;
const LOW_SEED = 0x1b873593;

/** `t_` and 12 hex digits. An id that is taken by another form gets the next attempt's, in order. */
export function templateId(
  service: string,
  key: readonly Element[],
  isTaken: (id: string) => boolean,
): string {
  const form = key
    .map((element) => (isSlot(element) ? 's' : encodeElement({ ...element, spaced: false })))
    .join('\u0001');
  for (let attempt = 0; ; attempt++) {
    const text = attempt === 0 ? `${service}\u0000${form}` : `${service}\u0000${form}\u0000${attempt}`;
    const id = `t_${hex32(hashString(text, HIGH_SEED))}${hex32(hashString(text, LOW_SEED)).slice(0, 4)}`;
    if (!isTaken(id)) return id;
  }
}
