import { describeCaseStore } from '../settlement/testing/case-store-contract.ts';
import { messageNames } from '../settlement/topology.ts';
import { caseStore } from './case-store.ts';
import { openMessageCase } from './message-cases.ts';
import { storeUnderTest } from './testing/store-under-test.ts';

describeCaseStore('the store in Postgres', async () => {
  const { database, store, place, appended, dispose } = await storeUnderTest();
  return {
    cases: caseStore(database, messageNames()),
    store,
    place,
    appended,
    openMessageCase: (message) => openMessageCase(database, message),
    dispose,
  };
});
