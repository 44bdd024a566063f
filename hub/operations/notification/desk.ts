/** Who is told of which groups of cases: the rules, and a try of each target. Every change is in the audit. */
import { HubError } from '../../errors.ts';
import type { Database } from '../../store/database.ts';
import {
  changeRule,
  deleteRule,
  insertRule,
  listMessages,
  listRules,
  type MessageListing,
  type NotificationLanguage,
  type RuleText,
  type StoredRule,
} from '../../store/notifications.ts';
import { audited } from '../audit.ts';
import { demand, type Caller } from '../caller.ts';
import { send, type Delivery } from './sending.ts';
import type { Target, Targets } from './targets.ts';
import { testWording } from './wording.ts';

export interface NotificationsOnDesk {
  /** Of this process; where each leads to, without what lets one in there. */
  readonly targets: readonly {
    readonly name: string;
    readonly kind: Target['kind'];
    readonly host: string;
  }[];
  readonly rules: readonly StoredRule[];
  /** The latest messages. */
  readonly messages: readonly MessageListing[];
}

/** Each is refused with HUB_FORBIDDEN or HUB_SCOPE_TOO_SMALL to whoever may not. */
export interface NotificationDesk {
  show(caller: Caller): Promise<NotificationsOnDesk>;
  /** @throws HubError HUB_TARGET_UNKNOWN, HUB_CHANNEL_UNKNOWN, HUB_REQUEST_INVALID */
  add(caller: Caller, rule: RuleText): Promise<NotificationsOnDesk>;
  /** @throws HubError as `add`, and HUB_RULE_UNKNOWN */
  change(caller: Caller, id: string, rule: RuleText): Promise<NotificationsOnDesk>;
  /** With what was not sent yet. @throws HubError HUB_RULE_UNKNOWN */
  remove(caller: Caller, id: string): Promise<NotificationsOnDesk>;
  /** Sends a message that says that it is a test. @throws HubError HUB_TARGET_UNKNOWN */
  test(caller: Caller, target: string, language: NotificationLanguage): Promise<Delivery>;
}

export interface NotificationDeskOptions {
  readonly database: Database;
  readonly targets: Targets;
  readonly consoleUrl: () => string | undefined;
  readonly isChannel: (channel: string) => boolean;
}

export function openNotificationDesk(options: NotificationDeskOptions): NotificationDesk {
  const { database, targets, consoleUrl, isChannel } = options;

  async function shown(): Promise<NotificationsOnDesk> {
    const [rules, messages] = await Promise.all([listRules(database), listMessages(database)]);
    const listed = [...targets.values()].map((target) => {
      return { name: target.name, kind: target.kind, host: hostOf(target) };
    });
    return { targets: listed, rules, messages };
  }

  function check({ target, channels }: RuleText): void {
    known(target);
    const unknown = channels.find((channel) => !isChannel(channel));
    if (unknown !== undefined) throw new HubError('HUB_CHANNEL_UNKNOWN', `there is no channel "${unknown}"`);
  }

  function known(name: string): Target {
    const target = targets.get(name);
    if (target !== undefined) return target;
    const detail = `HUB_NOTIFY_${name.toUpperCase()}_URL is not set for this console`;
    throw new HubError('HUB_TARGET_UNKNOWN', detail);
  }

  return {
    show: async (caller) => {
      demand(caller, 'notifications.manage');
      return shown();
    },
    add: async (caller, rule) => {
      demand(caller, 'notifications.manage');
      check(rule);
      await audited(database, caller, async (connection) => {
        const id = await insertRule(connection, rule, caller.name);
        if (id === undefined)
          throw new HubError('HUB_REQUEST_INVALID', 'there are 200 rules; remove one first');
        return { entry: entryOf('add', id, rule), result: undefined };
      });
      return shown();
    },
    change: async (caller, id, rule) => {
      demand(caller, 'notifications.manage');
      check(rule);
      await audited(database, caller, async (connection) => {
        if (!(await changeRule(connection, id, rule, caller.name))) throw unknownRule(id);
        return { entry: entryOf('change', id, rule), result: undefined };
      });
      return shown();
    },
    remove: async (caller, id) => {
      demand(caller, 'notifications.manage');
      await audited(database, caller, async (connection) => {
        if (!(await deleteRule(connection, id))) throw unknownRule(id);
        return { entry: entryOf('remove', id), result: undefined };
      });
      return shown();
    },
    test: async (caller, name, language) => {
      demand(caller, 'notifications.manage');
      const target = known(name);
      const messageId = `points-hub-test-${caller.requestId ?? caller.operatorId}`;
      const delivery = await send(target, testWording(caller.name, language, consoleUrl()), messageId);
      await audited(database, caller, () => {
        const entry = { action: 'notification.test', subject: `target:${name}`, details: { ...delivery } };
        return Promise.resolve({ entry, result: undefined });
      });
      return delivery;
    },
  };
}

function hostOf(target: Target): string {
  return target.kind === 'email' ? target.server.hostname : target.url.host;
}

function entryOf(verb: string, id: string, rule?: RuleText) {
  return { action: `notification.${verb}`, subject: `rule:${id}`, details: { ...rule } };
}

function unknownRule(id: string): HubError {
  return new HubError('HUB_RULE_UNKNOWN', `there is no notification rule ${id}`);
}
