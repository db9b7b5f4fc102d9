import { expect, test } from 'vitest';
import { demoScenario } from '../../src/simulator/demo.ts';
import { matchWindows } from '../../src/simulator/match.ts';
import { simulate } from '../../src/simulator/simulate.ts';
import { Player, streamsOf } from '../support/replay.ts';

test('the demo names each injected fault’s service first, its onset within a minute, and a line of it', () => {
  const options = demoScenario(7);
  const player = new Player(streamsOf(options, { partitions: 6 }));
  player.play();
  const { faults } = matchWindows(simulate(options).truth, player.finish());
  expect(faults).toHaveLength(6);
  for (const { fault, window, rank, onsetErrorMs, linesShown } of faults) {
    expect(window, fault.kind).not.toBeNull();
    expect(rank, fault.kind).toBe(1);
    expect(Math.abs(onsetErrorMs!), fault.kind).toBeLessThanOrEqual(60_000);
    expect(linesShown, fault.kind).toBeGreaterThan(0);
  }
});
