import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One worker a core: the default leaves one core idle, which on two cores is half the machine.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 90_000,
    globalSetup: ['test/support/kafka-global.ts'],
  },
});
