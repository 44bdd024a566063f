// Run by `npm test` and `npm run test:fast`, with Node's --experimental-vm-modules: jest loads ES modules by it.
import { availableParallelism } from 'node:os';

const common = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'tsx', 'mjs', 'js', 'cjs', 'json'],
  // Node runs our TypeScript by stripping types; jest's module loader needs them gone beforehand.
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript', tsx: false }, target: 'es2024', keepClassNames: true },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.points-hub/'],
  restoreMocks: true,
};

const integrationTests = '\\.integration\\.test\\.ts$';

/** @type {import('jest').Config} */
export default {
  // Most tests wait most of the time, for Postgres, a browser or a timer: even two processors do two at once.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // Shorter than the half minute after which the hub helps itself (a statement's time-out, the sweeper's look at what lost its
  // message): what comes only by that help comes too late. Integration tests share one Postgres, one RabbitMQ and two cores.
  testTimeout: 25_000,
  projects: [
    {
      ...common,
      displayName: 'fast',
      testMatch: ['<rootDir>/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', integrationTests],
    },
    {
      ...common,
      displayName: 'integration',
      testMatch: ['<rootDir>/**/*.integration.test.ts'],
      globalSetup: '<rootDir>/dev/testing/global-setup.ts',
      globalTeardown: '<rootDir>/dev/testing/global-teardown.ts',
    },
  ],
};
