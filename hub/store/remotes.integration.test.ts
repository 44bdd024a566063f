import { describeRemotes } from '../settlement/testing/remotes-contract.ts';
import { callLines } from './call-lines.ts';
import { callShares } from './call-shares.ts';
import { channelStates, pauseChannel, resumeChannel } from './channel-states.ts';
import { memberLanes } from './member-lanes.ts';
import { storeUnderTest } from './testing/store-under-test.ts';

describeRemotes('the store in Postgres', async () => {
  const { database, store, place, dispose } = await storeUnderTest();
  return {
    states: channelStates(database),
    lines: callLines(database, (work) => work()),
    lanes: memberLanes(database, (work) => work()),
    shares: callShares(database),
    store,
    place,
    pause: (remote) => pauseChannel(database, remote, 'ada', 'a test'),
    resume: (remote) => resumeChannel(database, remote),
    dispose,
  };
});
