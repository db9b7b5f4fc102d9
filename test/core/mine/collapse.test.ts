import { describe, expect, it } from 'vitest';
import { collapsePayloads } from '../../../src/core/mine/collapse.ts';
import { FormReader, isSlot } from '../../../src/core/mine/elements.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';

const reader = new FormReader(createScanner());

function collapsed(line: string): string {
  return collapsePayloads(reader.read(line).full)
    .map((element) => (element.spaced ? ' ' : '') + (isSlot(element) ? '<>' : element.text))
    .join('');
}

describe('collapsed payloads', () => {
  it('are one slot whatever their keys, and keep the name in front', () => {
    const check = (line: string, want: string) => expect(collapsed(line), line).toBe(want);
    check('stock by kind: {economy=3, first=1}', 'stock by kind: {<>}');
    check('stock by kind: {}', 'stock by kind: {<>}');
    check('stock by town: {north=old harbour}', 'stock by town: {<>}');
    check('got Order(id=7, name=ada)', 'got Order(<>)');
    check('got Order(id=7)', 'got Order(<>)');
    check('body {"id": 7, "tags": ["a", "b"]} read', 'body {<>} read');
    check('routes [old town, market] found', 'routes [<>] found');
    check('sent to: ada, leo, mara', 'sent to: <>');
    check('[cancelOrder][Reason: not enough seats]', '[cancelOrder][Reason: <>]');
    check('[cancelOrder][Ids: [old town, market], Who: Ada(id=7)]', '[cancelOrder][Ids: <>, Who: <>]');
    check('[cancelOrder][Ids: [old town]]', '[cancelOrder][Ids: <>]]');
    check('[cancelOrder][Id: 7, Last reason: already paid]', '[cancelOrder][Id: <>, Last reason: <>]');
  });

  it('are not what only looks similar', () => {
    for (const line of [
      'init() done',
      'state: ready, waiting',
      'said (with care) twice',
      'error: disk is full',
      'thread [main] started',
      '{"level": "info", "msg": "order placed"}',
      'array[] of names',
    ])
      expect(collapsed(line), line).toBe(collapsedNothing(line));
  });
});

function collapsedNothing(line: string): string {
  return reader
    .read(line)
    .full.map((element) => (element.spaced ? ' ' : '') + (isSlot(element) ? '<>' : element.text))
    .join('');
}
