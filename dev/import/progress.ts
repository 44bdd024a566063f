/** Progress of a known number of steps: redrawn in place on a terminal, one line per tenth elsewhere. */
export interface ProgressLine {
  step(): void;
  end(): void;
}

const redrawMs = 100;

export function progressLine(name: string, total: number): ProgressLine {
  const { stdout } = process;
  const startedAt = performance.now();
  let done = 0;
  let drawnAt = 0;

  const text = (): string => {
    const seconds = (performance.now() - startedAt) / 1000;
    return `${name} ${done}/${total} (${Math.round(done / Math.max(seconds, 0.001))} orders/s)`;
  };
  return {
    step: () => {
      done += 1;
      if (stdout.isTTY) {
        const now = performance.now();
        if (now - drawnAt < redrawMs) return;
        drawnAt = now;
        stdout.write(`\r\x1b[K${text()}`);
      } else if (Math.floor((done * 10) / total) > Math.floor(((done - 1) * 10) / total)) {
        stdout.write(`${text()}\n`);
      }
    },
    end: () => {
      if (stdout.isTTY) stdout.write(`\r\x1b[K${text()}\n`);
    },
  };
}
