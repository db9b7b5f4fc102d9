// Templates outlive a change of the scanner: their lines are read again, and the same ids go on under new signatures.
import type { FormReader } from './elements.ts';
import type { FirstLine } from './first-line.ts';
import { dayOfHour } from './last-seen.ts';
import type { ServiceTemplates } from './service-templates.ts';
import { adoptForm, type LearntTemplate } from './template.ts';
import type { TemplateUse } from './template-use.ts';
import { wideForm, wideKey } from './wide.ts';
import { textOfKey } from './wide-keys.ts';

/** Elements at the end of a cut line that say nothing: the word that was cut, and the slot for what followed. */
const CUT_ELEMENTS = 2;

/** Puts back a template that the present scanner made, or that still waits for its line. */
export function restoreTemplate(
  service: ServiceTemplates,
  template: LearntTemplate,
  wideKeys: readonly string[],
  use: TemplateUse,
  line: FirstLine,
  reader: FormReader,
): void {
  service.restore(template, wideKeys, use);
  if (!template.isStale) return;
  const prefix = reader.read(line.text, true).key.slice(0, -CUT_ELEMENTS);
  if (prefix.some((element) => element.kind === 'word')) service.awaitLine(template, prefix);
}

/**
 * Puts back a template that another scanner made, in order of sequence, with the form and the signature that the
 * present scanner finds in its line. If an older template has that signature already, the two are one from now on. A
 * line too long to be kept whole tells only how the form begins: the template waits for a line that begins so.
 */
export function remapTemplate(
  service: ServiceTemplates,
  template: LearntTemplate,
  wideKeys: readonly string[],
  use: TemplateUse,
  line: FirstLine,
  reader: FormReader,
): void {
  service.markAll(template);
  if (line.text === '' || line.isCut) {
    template.isStale = line.text !== '';
    restoreTemplate(service, template, wideKeys, use, line, reader);
    return;
  }
  const form = reader.read(line.text);
  adoptForm(template, form);
  const wide = wideForm(form.full);
  service.restore(template, wide === null ? [] : [textOfKey(wideKey(wide))], { ...use, checks: 0 });
  const [high, low] = reader.signature(line.text);
  const older = service.templateOf(high, low);
  if (older !== undefined) {
    service.unite(older, template);
    return;
  }
  service.signatures.markChanged(service.signatures.add(high, low, template, dayOfHour(use.hour)));
}
