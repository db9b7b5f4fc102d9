import { Gauge, Registry } from 'prom-client';

/** All there is to tell of a process that does not work yet. */
export function processRegistry(version: string, isStandby: () => boolean): Registry {
  const registry = new Registry();
  registerProcess(registry, version, isStandby);
  return registry;
}

/** What a process says of itself in every state, also while it stands by. */
export function registerProcess(registry: Registry, version: string, isStandby: () => boolean): void {
  const registers = [registry];
  new Gauge({
    name: 'winnow_build_info',
    help: 'Version of this program.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  new Gauge({
    name: 'winnow_standby',
    help: '1 while another process holds the store and this one waits for it.',
    registers,
    collect() {
      this.set(Number(isStandby()));
    },
  });
}
