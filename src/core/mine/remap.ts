// Templates outlive a change of the scanner: their lines are read again, and the same ids go on under new signatures.
import type { FormReader } from './elements.ts';
import type { ServiceTemplates } from './service-templates.ts';
import { adoptForm, type LearntTemplate } from './template.ts';
import { wideForm, wideKey } from './wide.ts';

/** Elements at the end of a cut line that say nothing: the word that was cut, and the slot for what followed. */
const CUT_ELEMENTS = 2;

/** Puts back a template that the present scanner made, or that still waits for its line. */
export function restoreTemplate(
  service: ServiceTemplates,
  template: LearntTemplate,
  reader: FormReader,
): void {
  service.restore(template);
  if (!template.isStale) return;
  const prefix = reader.read(template.exemplar, true).key.slice(0, -CUT_ELEMENTS);
  if (prefix.some((element) => element.kind === 'word')) service.awaitLine(template, prefix);
}

/**
 * Puts back a template that another scanner made, in order of sequence, with the form and the signature that the
 * present scanner finds in its line. If an older template has that signature already, the two are one from now on. A
 * line too long to be kept whole tells only how the form begins: the template waits for a line that begins so.
 */
export function remapTemplate(service: ServiceTemplates, template: LearntTemplate, reader: FormReader): void {
  service.changedTemplates.add(template.id);
  if (template.exemplar === '' || template.isExemplarCut) {
    template.isStale = template.exemplar !== '';
    restoreTemplate(service, template, reader);
    return;
  }
  const form = reader.read(template.exemplar);
  adoptForm(template, form);
  const wide = wideForm(form.full);
  template.wideKeys.splice(0);
  if (wide !== null) template.wideKeys.push(wideKey(wide));
  service.restore(template);
  const signature = reader.signature(template.exemplar);
  const older = service.signatures.get(signature)?.template;
  if (older !== undefined) {
    service.unite(older, template);
    return;
  }
  service.restoreSignature(signature, template.id, template.seen);
  service.changedSignatures.add(signature);
}
