import { describeKeptCallbacks } from './callback-store-contract.ts';
import { describeCaseStore } from './case-store-contract.ts';
import { memoryUnderTest } from './memory-under-test.ts';
import { describeRemotes } from './remotes-contract.ts';
import { describeSettlementStore } from './settlement-store-contract.ts';

describeSettlementStore('the store in memory', (options) => Promise.resolve(memoryUnderTest(options)));
describeKeptCallbacks('the store in memory', (options) => {
  const { database, pass, ...harness } = memoryUnderTest(options);
  return Promise.resolve({
    ...harness,
    cases: database.caseStore(pass),
    states: database.channelStates(pass),
  });
});

describeCaseStore('the store in memory', () => {
  const { database, pass, ...harness } = memoryUnderTest();
  return Promise.resolve({
    ...harness,
    cases: database.caseStore(pass),
    openMessageCase: (message) => database.openMessageCase(message, pass),
  });
});

describeRemotes('the store in memory', () => {
  const { database, pass, ...harness } = memoryUnderTest();
  const states = database.channelStates(pass);
  return Promise.resolve({
    ...harness,
    states,
    lines: database.callLines(pass),
    lanes: database.memberLanes(pass),
    shares: database.callShares(pass),
    pause: (remote) => states.pause(remote),
    resume: (remote) => states.resume(remote),
  });
});
