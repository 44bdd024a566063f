import { describeTransport } from './testing/transport-contract.ts';
import { openUndiciTransport } from './undici-transport.ts';

describeTransport('undici', openUndiciTransport);
