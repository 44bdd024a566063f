import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Coverage, seedsToMeetAll } from './coverage.ts';
import { hiddenMoves, moves, operatorMoves } from './leg-moves.ts';
import { simulate } from './simulation.ts';

const seeds = 100;

describe('whatever is lost, late, doubled, stopped or killed', () => {
  test(`nothing is found in ${seeds} simulated worlds`, async () => {
    const coverage = new Coverage();
    for (let seed = 1; seed <= seeds; seed += 1) {
      const result = await simulate(seed);
      expect({ seed, finding: result.finding }).toEqual({ seed, finding: undefined });
      coverage.add(result);
    }
    expect(coverage.orders).toBeGreaterThan(10 * seeds);
    expect(coverage.hasTooManyStuck()).toBe(false);
  }, 60_000);

  test('a seed replays exactly, line by line', async () => {
    const lines: string[][] = [[], []];
    const first = await simulate(7, { print: (line) => lines[0]?.push(line) });
    const again = await simulate(7, { print: (line) => lines[1]?.push(line) });
    expect(lines[1]).toEqual(lines[0]);
    expect(again).toEqual(first);
    expect((await simulate(8)).hash).not.toBe(first.hash);
  });

  test('a seed does the same beside others as by itself', async () => {
    const alone = await simulate(9);
    const [beside] = await Promise.all([simulate(9), simulate(10)]);
    expect(beside).toEqual(alone);
  });
});

describe('the proof that a run was not empty', () => {
  test('asks for every arrow of the picture, whether settlement or a person takes it', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/state-machine.md'), 'utf8');
    const [picture = ''] = page.split('## An order');
    const arrows = [...picture.matchAll(/^ {2}(\w+) --> (\w+): (.+)$/gm)].map(([, from, to, words = '']) => ({
      move: `${from} → ${to}`,
      isByPeople: /^(?:later|an operator)\b/.test(words),
    }));
    const movesBy = (isByPeople: boolean): string[] => {
      const own = arrows.filter((arrow) => arrow.isByPeople === isByPeople).map(({ move }) => move);
      return [...new Set(own)].toSorted();
    };
    expect([...moves].toSorted()).toEqual(movesBy(false));
    const alsoBySettlement: readonly string[] = moves;
    expect([...operatorMoves].toSorted()).toEqual(
      movesBy(true).filter(
        (move) => operatorMoves.some((one) => one === move) || !alsoBySettlement.includes(move),
      ),
    );
    for (const move of hiddenMoves.keys()) expect([...moves, ...operatorMoves]).toContain(move);
  });

  test('names what a long run has not met', () => {
    const coverage = new Coverage();
    const empty = { seed: 1, finding: undefined, orders: 1, stuck: 0, things: 1, hash: '', met: new Map() };
    for (let count = 1; count < seedsToMeetAll; count += 1) coverage.add(empty);
    expect(coverage.missing()).toEqual([]);
    coverage.add({ ...empty, met: new Map([['message lost', 1]]) });
    expect(coverage.missing()).toContain('message late');
    expect(coverage.missing()).toContain('idle → sent');
    expect(coverage.missing()).not.toContain('message lost');
  });
});
