/** The row locks of a database in memory: whoever comes first holds a row, the others stand in line. */
export class RowLocks {
  readonly #lines = new Map<string, Waiting[]>();

  /** Undefined if `holder` has the row now; else resolves once it has, which `forget` may keep from happening. */
  take(row: string, holder: object): Promise<void> | undefined {
    const line = this.#lines.get(row);
    if (line === undefined) {
      this.#lines.set(row, [{ holder, grant: undefined }]);
      return undefined;
    }
    return new Promise((grant) => {
      line.push({ holder, grant });
    });
  }

  /** Gives up one row, held or waited for; the next in line gets it. */
  leave(row: string, holder: object): void {
    const line = this.#lines.get(row);
    const place = line?.findIndex((one) => one.holder === holder) ?? -1;
    if (line === undefined || place === -1) return;
    line.splice(place, 1);
    if (line.length === 0) this.#lines.delete(row);
    else if (place === 0) line[0]?.grant?.();
  }
}

interface Waiting {
  readonly holder: object;
  readonly grant: (() => void) | undefined;
}
