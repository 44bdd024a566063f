import { openAxiosTransport } from './axios-transport.ts';
import { describeTransport } from './testing/transport-contract.ts';

describeTransport('axios', openAxiosTransport);
