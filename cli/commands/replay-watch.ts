/** Following a replay to its end: a bar on a terminal, a line per change elsewhere. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../client.ts';
import type { CommonOptions, World } from '../command.ts';
import { CliFailure } from '../failure.ts';
import { plain } from '../text.ts';
import { pathOf, progressText, showReplay, type Replay } from './replay-view.ts';

const pollMs = 1_000;
/** A console that starts again meanwhile is waited for; the replay goes on without whoever watches it. */
const awayPollsMax = 30;
/** 128 and the number of SIGINT, as shells have it. */
const interruptedCode = 130;

interface Follower {
  see(replay: Replay): void;
  end(): void;
}

/** Ends with exit code 1 where something failed or was left out, and where it was paused. */
export async function watch(world: World, api: Client, id: string, options: CommonOptions): Promise<void> {
  const { terminal } = world;
  const follower = options.json === true ? silent : terminal.isTerminal ? await bar() : lines(world);
  let replay: Replay;
  try {
    replay = await follow(api, id, follower);
  } finally {
    follower.end();
  }
  if (options.json === true) terminal.json(replay);
  else showReplay(terminal, replay);
  const isWell = replay.state === 'done' && replay.succeeded === replay.eligible;
  world.endWith(isWell ? 0 : 1);
}

async function follow(api: Client, id: string, follower: Follower): Promise<Replay> {
  for (let away = 0; ; await delay(pollMs)) {
    try {
      const replay = await api.get<Replay>(pathOf(id));
      away = 0;
      follower.see(replay);
      if (replay.state !== 'running' && replay.state !== 'cancelling') return replay;
    } catch (error) {
      away += 1;
      if (!(error instanceof CliFailure) || error.problem.code !== 'HUB_UNAVAILABLE') throw error;
      if (away > awayPollsMax) throw error;
    }
  }
}

const silent: Follower = { see: () => undefined, end: () => undefined };

function lines({ terminal }: World): Follower {
  let last = '';
  return {
    see: (replay) => {
      const line = `${replay.state}: ${progressText(replay)}`;
      if (line !== last) terminal.line(plain(line));
      last = line;
    },
    end: () => undefined,
  };
}

async function bar(): Promise<Follower> {
  const { progress } = await import('@clack/prompts');
  let shown: ReturnType<typeof progress> | undefined;
  let ended = 0;
  // The bar ends the process at Ctrl-C as if all were well; what is watched has not ended.
  const interrupted = (): void => void (process.exitCode = interruptedCode);
  process.once('exit', interrupted);
  return {
    see: (replay) => {
      const text = plain(`${replay.state}: ${progressText(replay)}`);
      if (shown === undefined) {
        shown = progress({ style: 'block', max: Math.max(1, replay.eligible), output: process.stderr });
        shown.start(text);
      }
      const now = replay.eligible - replay.waiting - replay.underWay;
      shown.advance(now - ended, text);
      ended = now;
    },
    end: () => {
      process.off('exit', interrupted);
      shown?.stop();
    },
  };
}
