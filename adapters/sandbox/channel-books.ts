import type { MemberEntry, OperationEntry, OperationRequest } from './entries.ts';
import { Holds } from './holds.ts';
import { KeyedOperations, type Terms, type Verdict } from './keyed-operations.ts';
import { Statement } from './statement.ts';

/** What a member has, and how it came about: balance = credited − deducted + refunded. Some of it may be held. */
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
  readonly holds = new Holds();
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
    const code = terms.refusal ?? this.#refusalOf(request, member, movingUnits, atMs);
    if (code === 'ORIGINAL_MISMATCH') return { type: 'refused', code };
    const isEmptyRelease =
      request.kind === 'release' && this.holds.get(request.originalKey ?? '') === undefined;
    const movedUnits = code === undefined && !isEmptyRelease ? movingUnits : 0n;
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
    if (isListed(entry)) {
      this.statement.add(entry);
      this.#statementOf(entry.member ?? '').add(entry);
    }
    if (entry.code === undefined) this.holds.apply(entry);
    if (entry.movedUnits === 0n || !isListed(entry)) return;
    const book = this.members.get(entry.member ?? '');
    if (book === undefined)
      throw new Error(`points moved for ${entry.key}, whose member is not in the books`);
    if (entry.kind !== 'refund') {
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

  #refusalOf(
    request: OperationRequest,
    member: string,
    movingUnits: bigint,
    atMs: number,
  ): string | undefined {
    const { kind, key, originalKey = '' } = request;
    switch (kind) {
      case 'deduction':
        return this.#refusalOfDeduction(member, movingUnits, atMs);
      case 'hold':
        return this.holds.isBarred(key) ? 'KEY_VOIDED' : this.#refusalOfDeduction(member, movingUnits, atMs);
      case 'confirmation':
      case 'release':
        return this.#refusalOfEnding(request, originalKey, atMs);
      case 'refund':
        return this.#refusalOfRefund(request, originalKey, movingUnits);
      case 'quota-deduction':
      case 'quota-return':
        throw new Error(`a channel has no ${kind}`);
    }
  }

  /** A hold ends once, and whole. */
  #refusalOfEnding(request: OperationRequest, originalKey: string, atMs: number): string | undefined {
    const hold = this.holds.get(originalKey);
    if (hold === undefined) {
      if (this.operations.get(originalKey)?.kind === 'deduction') return 'ORIGINAL_MISMATCH';
      return request.kind === 'release' ? undefined : 'ORIGINAL_NOT_FOUND';
    }
    const isOurs = hold.orderId === request.orderId && hold.member === request.member;
    if (!isOurs || hold.units !== request.askedUnits) return 'ORIGINAL_MISMATCH';
    switch (this.holds.stateOf(originalKey, atMs)) {
      case 'confirmed':
        return 'HOLD_CONFIRMED';
      case 'released':
        return 'HOLD_RELEASED';
      case 'expired':
        return 'HOLD_EXPIRED';
      case 'open':
      case undefined:
        return undefined;
    }
  }

  #refusalOfDeduction(name: string, askedUnits: bigint, atMs: number): string | undefined {
    const member = this.member(name);
    if (member === undefined) return 'MEMBER_UNKNOWN';
    if (member.blocked) return 'MEMBER_BLOCKED';
    const availableUnits = member.balanceUnits - this.holds.heldUnits(name, atMs);
    return availableUnits < askedUnits ? 'INSUFFICIENT_POINTS' : undefined;
  }

  /** A blocked member still gets points back. */
  #refusalOfRefund(request: OperationRequest, originalKey: string, movingUnits: bigint): string | undefined {
    const original = this.operations.get(originalKey);
    if (original === undefined || original.code !== undefined) return 'ORIGINAL_NOT_FOUND';
    const isConfirmed = this.holds.get(originalKey)?.ended === 'confirmed';
    if (original.kind === 'hold' && !isConfirmed) return 'ORIGINAL_NOT_FOUND';
    if (
      (original.kind !== 'deduction' && original.kind !== 'hold') ||
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

/** What takes or gives back; what is only held, or released, moves nothing. */
function isListed({ kind }: OperationEntry): boolean {
  return kind !== 'hold' && kind !== 'release';
}
