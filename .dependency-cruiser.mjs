// The walls between the folders (docs of the house: an arrow of imports only ever points down
// dlq-console → hub → adapters, outbox). Each rule says why in its comment; `npm run verify` checks them.
const testFile = '\\.test\\.ts$';
// The simulation is a test that also runs by itself, from dev/.
const test = `${testFile}|/testing/|^hub/simulation/`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment:
        'Two files that import each other can only be understood, tested and loaded together: merge or split them.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment:
        'An import that leads nowhere fails at run time, or was missed by this check and hides a breach of a wall.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-packages-only',
      comment:
        'A package that only the root or another folder declares may be absent where this folder is used alone.',
      severity: 'error',
      from: {
        pathNot: `${test}|^jest\\.config\\.mjs$|^dev/|^\\.dependency-cruiser\\.mjs$|^dlq-console/page/[^/]+\\.ts$`,
      },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'console-through-operations',
      comment:
        'What a person may do is decided and audited in hub/operations; the console knows no other way in.',
      severity: 'error',
      from: { path: '^dlq-console/', pathNot: test },
      to: { path: '^(hub|adapters|outbox)/', pathNot: '^hub/operations/' },
    },
    {
      name: 'page-runs-in-browsers',
      comment:
        'What it knows of the server is the contract that its types are made from; code of the server cannot run there.',
      severity: 'error',
      from: { path: '^dlq-console/page/src/', pathNot: test },
      to: { path: '^(hub|adapters|outbox|dev|dlq-console)/', pathNot: '^dlq-console/page/src/' },
    },
    {
      name: 'console-knows-no-broker-or-database',
      comment:
        'The console runs where operators are; reaching past the hub would act without its rules and its audit.',
      severity: 'error',
      from: { path: '^dlq-console/', pathNot: test },
      to: { path: '^node_modules/(pg|knex|amqplib)/' },
    },
    {
      name: 'command-line-over-http',
      comment:
        'What the command line can do, any program can do with a token: it knows the API and the table of exit codes only.',
      severity: 'error',
      from: { path: '^cli/', pathNot: test },
      to: {
        path: '^(hub|adapters|outbox|dlq-console|dev)/|^node_modules/(pg|knex|amqplib)/',
        pathNot: '^hub/errors\\.ts$',
      },
    },
    {
      name: 'command-line-is-no-library',
      comment:
        'The command line is the outermost face; an import of it would make a terminal part of a server.',
      severity: 'error',
      from: { pathNot: '^cli/' },
      to: { path: '^cli/' },
    },
    {
      name: 'hub-not-upwards',
      comment: 'The hub runs without a console; an import upwards would close a circle.',
      severity: 'error',
      from: { path: '^hub/', pathNot: test },
      to: { path: '^dlq-console/' },
    },
    {
      name: 'hub-through-front-doors',
      comment:
        'adapters and outbox promise what their index exports; anything deeper may change without notice.',
      severity: 'error',
      from: { path: '^hub/', pathNot: test },
      to: { path: '^(adapters|outbox)/', pathNot: '^(adapters|outbox)/index\\.ts$' },
    },
    {
      name: 'adapters-know-only-http',
      comment:
        'An adapter is one HTTP call and one honest outcome: the fate of an order is not its business.',
      severity: 'error',
      from: { path: '^adapters/', pathNot: test },
      to: { path: '^(hub|outbox|dlq-console)/|^node_modules/(pg|knex|amqplib)/' },
    },
    {
      name: 'outbox-stands-alone',
      comment:
        'Any mall backend can use the outbox by itself, so it knows neither points nor orders nor channels.',
      severity: 'error',
      from: { path: '^outbox/', pathNot: test },
      to: { path: '^(hub|adapters|dlq-console)/|^node_modules/decimal\\.js/' },
    },
    {
      name: 'core-is-pure',
      comment:
        'The core gets the time, the limits and every answer as arguments, so that a test can walk its whole matrix.',
      severity: 'error',
      from: { path: '^hub/core/', pathNot: test },
      to: { pathNot: '^hub/core/|^node_modules/decimal\\.js/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'core-knows-only-outcomes',
      comment:
        'Of the rest of the house the core knows the words of the contract (outcomes), as types that vanish.',
      severity: 'error',
      from: { path: '^hub/core/', pathNot: test },
      to: { pathNot: '^hub/core/|^node_modules/decimal\\.js/|^adapters/index\\.ts$' },
    },
    {
      name: 'sql-in-the-store-only',
      comment:
        'Every statement, with its lock and its index, is found in hub/store; elsewhere only the transaction passes by, as a type.',
      severity: 'error',
      from: { path: '^hub/', pathNot: `^hub/store/|${test}` },
      to: { path: '^node_modules/(@types/)?(pg|knex)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'rabbitmq-behind-the-port',
      comment:
        'The hub speaks to a broker port with two implementations; a direct call would work with one of them only.',
      severity: 'error',
      from: { path: '^(hub|dlq-console|adapters)/', pathNot: test },
      to: { path: '^node_modules/amqplib/' },
    },
    {
      name: 'sandbox-shares-nothing-with-the-hub',
      comment:
        'The sandbox keeps the books that prove the hub right; shared code would make both wrong in the same way.',
      severity: 'error',
      from: { path: '^adapters/sandbox/' },
      to: { path: '^(hub|outbox|dlq-console)/' },
    },
    {
      name: 'sandbox-judges-by-itself',
      comment:
        'The same holds for the adapters: a remote that reads amounts with our code cannot find our mistakes.',
      severity: 'error',
      from: { path: '^adapters/sandbox/', pathNot: test },
      to: { path: '^adapters/', pathNot: '^adapters/sandbox/' },
    },
    {
      name: 'adapters-call-no-sandbox',
      comment:
        'Production code must not depend on the remote that pretends; the kit that certifies is no such code.',
      severity: 'error',
      from: {
        path: '^(adapters|hub|outbox|dlq-console)/',
        pathNot: `^adapters/(?:sandbox|certification)/|${test}`,
      },
      to: { path: '^adapters/sandbox/' },
    },
    {
      name: 'dev-is-for-development',
      comment:
        'dev starts servers and demo traffic on one machine; nothing that runs in production may need it.',
      severity: 'error',
      from: { pathNot: `^(dev|bench)/|${test}` },
      to: { path: '^dev/' },
    },
    {
      name: 'bench-measures-from-outside',
      comment:
        'What measures the house must not become part of it: a program that imports its benchmark runs its servers.',
      severity: 'error',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'A testing folder may start servers and fake remotes; production code must not be able to.',
      severity: 'error',
      from: { pathNot: `^(dev|bench)/|${test}` },
      to: { path: '/testing/|^hub/simulation/' },
    },
    {
      name: 'tests-are-nobodys-library',
      comment:
        'What several tests need belongs in a testing folder; importing a test file runs its tests twice.',
      severity: 'error',
      from: {},
      to: { path: testFile },
    },
  ],
  options: {
    // TypeScript 7 has no JavaScript API for this tool yet. swc reads the sources as written, so imports of types
    // count as well; dev/walls.test.ts proves that it reads them and that every rule above can fail.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(coverage|\\.points-hub)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
