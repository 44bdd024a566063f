/** What a message says, in the language of its rule: nothing of a user, and of a remote's words none but in a link. */
import type { Notice } from '../../core/notification.ts';
import type { CaseCause } from '../../store/cases.ts';
import type { MessageFacts, NotificationLanguage } from '../../store/notifications.ts';

export interface Link {
  readonly label: string;
  readonly url: string;
}

/** A message without the form that a service wants it in. */
export interface Wording {
  readonly language: NotificationLanguage;
  readonly title: string;
  readonly parts: readonly { readonly lines: readonly string[]; readonly link: Link | undefined }[];
}

const causes: Readonly<Record<NotificationLanguage, Readonly<Record<CaseCause, string>>>> = {
  en: {
    doubt: 'In doubt',
    pending_too_long: 'Pending too long',
    attempts_used_up: 'Attempts used up',
    confirm_refused: 'Confirming refused',
    give_back_refused: 'Giving back refused',
    cannot_give_back: 'Cannot give back',
    another_amount: 'Another amount',
    late_truth: 'Late truth',
    crash_loop: 'Crash loop',
    remote_away: 'Remote away',
    misconfigured: 'Misconfigured',
    unreadable_message: 'Unreadable message',
    unmatched_callback: 'Unmatched callback',
  },
  zh: {
    doubt: '结果未知',
    pending_too_long: '处理超时',
    attempts_used_up: '重试次数用尽',
    confirm_refused: '确认被拒',
    give_back_refused: '退回被拒',
    cannot_give_back: '无法退回',
    another_amount: '金额不符',
    late_truth: '迟到结果',
    crash_loop: '反复崩溃',
    remote_away: '对方长期不可用',
    misconfigured: '配置错误',
    unreadable_message: '消息无法解析',
    unmatched_callback: '无主回调',
  },
};

const words = {
  en: {
    brand: 'Points hub',
    several: (count: number) => `${count} groups of cases`,
    cases: (open: number, more: number) => `${open} open cases, ${more} more than at the last message`,
    opened: (open: number) => `${open} open cases`,
    points: (points: string) => `${points} points at stake`,
    operation: (operation: string) => `Operation: ${operation}`,
    seen: (first: string, last: string) => `First seen ${first}, last seen ${last}`,
    others: (count: number) => `${count} more groups`,
    look: 'Open in the console',
    all: 'All groups',
    test: 'This is a test',
    testedBy: (name: string) => `${name} pressed the test button. Nothing is wrong.`,
  },
  zh: {
    brand: '积分中台',
    several: (count: number) => `${count} 组案件`,
    cases: (open: number, more: number) => `待处理案件 ${open} 个，较上次通知新增 ${more} 个`,
    opened: (open: number) => `待处理案件 ${open} 个`,
    points: (points: string) => `涉及积分 ${points}`,
    operation: (operation: string) => `操作：${operation}`,
    seen: (first: string, last: string) => `首次出现 ${first}，最近出现 ${last}`,
    others: (count: number) => `另有 ${count} 组`,
    look: '在控制台查看',
    all: '全部分组',
    test: '这是一条测试消息',
    testedBy: (name: string) => `${name} 点击了测试按钮，系统无异常。`,
  },
} as const;

/** @param consoleUrl where browsers find the console; undefined: nobody knows, and there are no links */
export function wordingOf(
  { notices, others }: MessageFacts,
  language: NotificationLanguage,
  consoleUrl: string | undefined,
): Wording {
  const w = words[language];
  const [only, ...rest] = notices;
  const isOne = only !== undefined && rest.length === 0 && others === 0;
  const about = isOne ? nameOf(only, language) : w.several(notices.length + others);
  const parts = notices.map((notice) => ({
    lines: [...(isOne ? [] : [nameOf(notice, language)]), ...linesOf(notice, language)],
    link: consoleUrl === undefined ? undefined : { label: w.look, url: linkTo(consoleUrl, notice) },
  }));
  const link = consoleUrl === undefined ? undefined : { label: w.all, url: `${consoleUrl}/#/groups` };
  return {
    language,
    title: `${w.brand}: ${about}`,
    parts: others === 0 ? parts : [...parts, { lines: [w.others(others)], link }],
  };
}

export function testWording(
  by: string,
  language: NotificationLanguage,
  consoleUrl: string | undefined,
): Wording {
  const w = words[language];
  const link = consoleUrl === undefined ? undefined : { label: w.look, url: `${consoleUrl}/#/settings` };
  return { language, title: `${w.brand}: ${w.test}`, parts: [{ lines: [w.testedBy(by)], link }] };
}

function nameOf({ cause, channels }: Notice, language: NotificationLanguage): string {
  const known: Readonly<Record<string, string>> = causes[language];
  return [known[cause] ?? cause, channels.join(', ')].filter((part) => part !== '').join(' · ');
}

function linesOf(
  { occasion, cases, more, points, operation, firstSeenAt, lastSeenAt }: Notice,
  language: NotificationLanguage,
) {
  const w = words[language];
  return [
    occasion === 'opened' ? w.opened(cases) : w.cases(cases, more),
    w.points(points),
    ...(operation === null ? [] : [w.operation(operation)]),
    w.seen(minuteOf(firstSeenAt), minuteOf(lastSeenAt)),
  ];
}

/** Facts come back from Postgres with their times as texts. */
function minuteOf(time: Date | string): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function linkTo(consoleUrl: string, { fingerprint }: Notice): string {
  // A fingerprint may hold a remote's words, from which what names its user was masked. Brackets would end a link.
  const encoded = encodeURIComponent(fingerprint).replaceAll(
    /[!'()*~_]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${consoleUrl}/#/cases?fingerprint=${encoded}`;
}
