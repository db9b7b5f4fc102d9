import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // More workers than cores: tests on a broker wait most of their time. The default leaves one core idle, too.
    maxWorkers: '150%',
    testTimeout: 60_000,
    hookTimeout: 90_000,
    globalSetup: ['test/support/kafka-global.ts'],
  },
});
