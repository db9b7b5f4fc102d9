import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // More workers than cores: tests on a broker wait most of their time. The default leaves one core idle, too.
    maxWorkers: '150%',
    // Ends what hangs, and says nothing of how long anything takes: a busy machine needs three times as long as a free one.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    globalSetup: ['test/support/kafka-global.ts'],
  },
});
