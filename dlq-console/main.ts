/** Runs any process of the hub, the operators' console included; `--help` tells how. */
import { runProcess } from '@points-hub/hub/operations';
import { openConsole } from './api.ts';

await runProcess({ openConsole });
