import { describeKeptCallbacks } from '../settlement/testing/callback-store-contract.ts';
import { describeSettlementStore } from '../settlement/testing/settlement-store-contract.ts';
import { messageNames } from '../settlement/topology.ts';
import { caseStore } from './case-store.ts';
import { channelStates } from './channel-states.ts';
import { storeUnderTest } from './testing/store-under-test.ts';

describeSettlementStore('the store in Postgres', storeUnderTest);
describeKeptCallbacks('the store in Postgres', async (options) => {
  const harness = await storeUnderTest(options);
  const { database } = harness;
  return {
    ...harness,
    cases: caseStore(database, messageNames()),
    states: channelStates(database),
  };
});
