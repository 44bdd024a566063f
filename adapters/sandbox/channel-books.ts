import type { MemberEntry, OperationEntry, OperationRequest } from './entries.ts';
import { KeyedOperations, type Terms, type Verdict } from './keyed-operations.ts';
import { Statement } from './statement.ts';

/** What a member has, and how it came about: balance = credited − deducted + refunded. */
export interface MemberBook {
  balanceUnits: bigint;
  blocked: boolean;
  creditedUnits: bigint;
  deductedUnits: bigint;
  refundedUnits: bigint;
}

/** One channel: its members' points. Decides without changing anything; changes only by `apply`. */
export class ChannelBooks {
  readonly channel: string;
  readonly operations = new KeyedOperations();
  readonly statement = new Statement();
  /** Whether keys are kept; see natures.ts. */
  readonly keepsKeys: boolean;
  readonly #statements = new Map<string, Statement>();
  readonly members = new Map<string, MemberBook>();
  deductedUnits = 0n;
  refundedUnits = 0n;
  readonly #openingUnits: bigint;

  constructor(channel: string, openingUnits: bigint, keepsKeys = true) {
    this.channel = channel;
    this.keepsKeys = keepsKeys;
    this.#openingUnits = openingUnits;
  }

  /**
   * The member as it is, or as it would appear: everybody is a member with the opening balance, except `unknown-...`;
   * `blocked-...` appear blocked.
   */
  member(name: string): Readonly<Pick<MemberBook, 'balanceUnits' | 'blocked'>> | undefined {
    const book = this.members.get(name);
    if (book !== undefined) return book;
    if (name.startsWith('unknown-')) return undefined;
    return { balanceUnits: this.#openingUnits, blocked: name.startsWith('blocked-') };
  }

  /** The entry that makes this member one of the books, if it is not yet. */
  appearance(name: string, atMs: number): MemberEntry | undefined {
    const member = this.members.has(name) ? undefined : this.member(name);
    if (member === undefined) return undefined;
    return { type: 'member', channel: this.channel, member: name, ...member, atMs };
  }

  decide(request: OperationRequest, member: string, atMs: number, terms: Terms): Verdict {
    const recalled = this.keepsKeys ? this.operations.recall(request, terms) : undefined;
    if (recalled !== undefined) return recalled;
    const movingUnits = terms.movingUnits ?? request.askedUnits;
    const code =
      terms.refusal ??
      (request.originalKey === undefined
        ? this.#refusalOfDeduction(member, movingUnits)
        : this.#refusalOfRefund(request, request.originalKey, movingUnits));
    if (code === 'ORIGINAL_MISMATCH') return { type: 'refused', code };
    const movedUnits = code === undefined ? movingUnits : 0n;
    const id = terms.id ?? `p-${this.operations.nextNumber}`;
    return { type: 'new', entry: { type: 'operation', id, atMs, ...request, movedUnits, code } };
  }

  applyMember({ member, balanceUnits, blocked }: MemberEntry): void {
    const book = this.members.get(member);
    if (book === undefined) {
      this.members.set(member, {
        balanceUnits,
        blocked,
        creditedUnits: balanceUnits,
        deductedUnits: 0n,
        refundedUnits: 0n,
      });
      return;
    }
    book.creditedUnits += balanceUnits - book.balanceUnits;
    book.balanceUnits = balanceUnits;
    book.blocked = blocked;
  }

  apply(entry: OperationEntry): void {
    this.operations.add(entry);
    this.statement.add(entry);
    this.#statementOf(entry.member ?? '').add(entry);
    if (entry.movedUnits === 0n) return;
    const book = this.members.get(entry.member ?? '');
    if (book === undefined)
      throw new Error(`points moved for ${entry.key}, whose member is not in the books`);
    if (entry.originalKey === undefined) {
      book.balanceUnits -= entry.movedUnits;
      book.deductedUnits += entry.movedUnits;
      this.deductedUnits += entry.movedUnits;
    } else {
      book.balanceUnits += entry.movedUnits;
      book.refundedUnits += entry.movedUnits;
      this.refundedUnits += entry.movedUnits;
    }
  }

  /** What one member's transactions are. */
  statementOf(member: string): Statement | undefined {
    return this.#statements.get(member);
  }

  #statementOf(member: string): Statement {
    const statement = this.#statements.get(member) ?? new Statement();
    this.#statements.set(member, statement);
    return statement;
  }

  #refusalOfDeduction(name: string, askedUnits: bigint): string | undefined {
    const member = this.member(name);
    if (member === undefined) return 'MEMBER_UNKNOWN';
    if (member.blocked) return 'MEMBER_BLOCKED';
    return member.balanceUnits < askedUnits ? 'INSUFFICIENT_POINTS' : undefined;
  }

  /** A blocked member still gets points back. */
  #refusalOfRefund(request: OperationRequest, originalKey: string, movingUnits: bigint): string | undefined {
    const original = this.operations.get(originalKey);
    if (original === undefined || original.code !== undefined) return 'ORIGINAL_NOT_FOUND';
    if (
      original.kind !== 'deduction' ||
      original.orderId !== request.orderId ||
      original.member !== request.member
    ) {
      return 'ORIGINAL_MISMATCH';
    }
    const leftUnits = this.operations.movedUnits(originalKey) - this.operations.returnedUnits(originalKey);
    if (leftUnits === 0n) return 'ALREADY_RETURNED';
    return leftUnits < movingUnits ? 'EXCEEDS_ORIGINAL' : undefined;
  }
}
