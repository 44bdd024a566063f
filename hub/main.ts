/** Runs one process of the hub; `--help` tells how. The console's role is run by `dlq-console/main.ts`. */
import { runProcess } from './process.ts';

await runProcess({});
